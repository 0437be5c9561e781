import ArgumentParser
import Basics
import Glibc

/// The command line of everything about data sets.
@main
struct DcptData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dcpt-data",
    abstract: "Makes, checks and shows data sets of degraded pictures.",
    discussion: """
      A data set is a folder of WebDataset shards (tars of lq.npy, gt.npy and a JSON label) and a
      manifest.json. From clean pictures to a checked set:

        dcpt-data synth manifests/5d.yaml --out runs/5d --clean ~/Pictures
        dcpt-data verify runs/5d/manifest.json
        dcpt-data info runs/5d/manifest.json
        dcpt-data grid runs/5d/manifest.json --out grid.png
      """,
    subcommands: [
      SynthCommand.self, MergeCommand.self, ImportCommand.self, ExportCommand.self,
      VerifyCommand.self, RepairCommand.self, RepackCommand.self, InfoCommand.self,
      ViewCommand.self, GridCommand.self, InspectCommand.self, IndexCommand.self,
      PhotosCommand.self, LeavesCommand.self, ApplyCommand.self, ListCommand.self,
      SheetCommand.self,
    ])

  static func main() {
    HeapMemory.keep()
    // A limit of file sizes is then an error of the writing call, with a message, and no death.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let problem as Problem {
      standardError("\(problem)\n")
      Glibc.exit(StopSignal.number.map { 128 + $0 } ?? 1)
    } catch {
      exit(withError: error)
    }
  }
}
