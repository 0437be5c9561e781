import ArgumentParser
import Basics
import Records
import Training

/// `dcpt-train evaluate`: a whole set judged.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures PSNR, SSIM and named degradations on a whole data set; writes a report.",
    discussion: """
      The report folder gets report.md, report.json, grid.png (before and after), and charts of the
      training where weights lie in the folders of their runs. Any number of weights stand side by
      side. The classifier is read from classifier.safetensors beside the weights.

      Examples:
        dcpt-train evaluate --data data/test/manifest.json --weights runs/dcpt --out report
        dcpt-train evaluate --data data/test/manifest.json --weights scratch=runs/scratch \\
          --weights dcpt=runs/dcpt --pretrained runs/pre --out report
      """)

  @Option(help: "The data set's manifest.json.")
  var data: String

  @Option(name: .long, help: "Weights to judge, as PATH or NAME=PATH; may be given again.")
  var weights: [String]

  @Option(help: "A pre-training run: judged by the degradations it names, not by its pictures.")
  var pretrained: String?

  @Option(help: "The folder for the report.")
  var out: String

  @Option(help: "Judge the first N records only.")
  var limit: Int?

  @Flag(help: "Pool in windows of 1.5 training patches instead of the whole picture (TLC).")
  var localPooling = false

  func run() throws {
    let reader = try RecordReader(manifest: data)
    let report = EvaluationReport(folder: out, localPooling: localPooling)
    for text in weights { try report.add(text) }
    if let pretrained { try report.add(pretrained, namesOnly: true) }
    let evaluation = try report.run(reader, limit: limit ?? .max)
    print(evaluation.markdown)
  }
}
