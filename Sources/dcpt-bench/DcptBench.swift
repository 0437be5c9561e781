import ArgumentParser

/// The benchmark command.
@main
struct DcptBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dcpt-bench", abstract: "Measure dcpt's speed on this machine.",
    subcommands: [
      NetworkCommand.self, KernelsCommand.self, SynthesisCommand.self, LoaderCommand.self,
    ])
}
