import ArgumentParser
import Basics
import Glibc
import Training

/// The command `dcpt-train`.
@main
struct DcptTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dcpt-train",
    abstract: "Trains, judges and applies networks that restore degraded pictures.",
    discussion: """
      The usual road, from shards that dcpt-data made to restored pictures:
        dcpt-train pretrain manifests/demo-pretrain.yaml --data D/train/manifest.json --out runs/pre
        dcpt-train finetune manifests/demo-finetune.yaml --data D/train/manifest.json \\
          --from runs/pre --out runs/dcpt
        dcpt-train evaluate --data D/test/manifest.json --weights dcpt=runs/dcpt --out report
        dcpt-train restore --weights runs/dcpt photo.jpg --out restored
      What a network costs beforehand:
        dcpt-train info --network restormer --batch-size auto --memory 8GiB
      Exit status: 0 done, 1 a problem that is named, 64 wrong usage, 130 or 143 stopped by a signal
      after a checkpoint.
      """,
    subcommands: [
      PretrainCommand.self, FinetuneCommand.self, EvaluateCommand.self, RestoreCommand.self,
      ExportCommand.self, InfoCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let problem as Problem {
      standardError("\(problem)\n")
      Glibc.exit(1)
    } catch let stopped as Stopped {
      standardError("\n\(stopped)\n")
      Glibc.exit(stopped.exitStatus)
    } catch {
      exit(withError: error)
    }
  }
}
