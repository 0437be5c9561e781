import Basics
import Images

/// The report folder of an evaluation.
///
/// report.md, report.json, grid.png, and where the weights lie in run folders the curves of these
/// runs: loss.png, classification.png and accuracy.png.
public final class EvaluationReport {
  private let folder: String
  private let localPooling: Bool
  private var contenders: [Evaluation.Contender] = []

  /// Creates a report without contenders.
  public init(folder: String, localPooling: Bool = false) {
    (self.folder, self.localPooling) = (folder, localPooling)
  }

  /// Adds weights given as PATH or NAME=PATH; without a name, the run folder's or file's own.
  public func add(_ text: String, namesOnly: Bool = false) throws(Problem) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let path = parts.last ?? text
    let name = parts.count == 2 ? parts[0] : EvaluationReport.name(of: path)
    guard name != "input", !contenders.contains(where: { $0.name == name }) else {
      throw Problem("--weights", "the name '\(name)' is taken", fix: "give another as NAME=PATH")
    }
    let restorer = try Restorer(reading: path, localPooling: localPooling)
    contenders.append(
      .init(name: name, weights: weightsFile(path), restorer: restorer, namesOnly: namesOnly))
  }

  /// Judges all contenders and writes the report.
  public func run(_ data: any PairSource, limit: Int = .max) throws(Problem) -> Evaluation {
    let count = min(limit, data.count)
    let progress = ProgressLine("evaluate", total: count, unit: "records")
    let evaluation = try Evaluation(data, contenders, limit: limit) { progress.update($0) }
    progress.finish(count)
    try createFolder(folder)
    try AtomicFile.write(evaluation.json.pretty, to: folder + "/report.json")
    try AtomicFile.write(evaluation.markdown, to: folder + "/report.md")
    if !evaluation.samples.isEmpty {
      try PNGFile.write(evaluation.grid(), to: folder + "/grid.png")
    }
    try writeCurves()
    return evaluation
  }

  private func writeCurves() throws(Problem) {
    var curves = LossCurves()
    for contender in contenders { try curves.add(contender.name, weights: contender.weights) }
    guard !curves.isEmpty else { return }
    let charts = [
      ("loss", "l_pix", "Pixel loss in training", "loss", true),
      ("classification", "l_cls", "Classification loss in training", "focal loss", true),
      ("accuracy", "accuracy", "Degradations named rightly in training", "share", false),
    ]
    for (file, key, title, label, logarithmic) in charts {
      let chart = curves.chart(key, title: title, yLabel: label, logarithmic: logarithmic)
      try PNGFile.write(chart, to: "\(folder)/\(file).png")
    }
  }

  private static func name(of path: String) -> String {
    let pieces = path.split(separator: "/").map(String.init)
    let folder = pieces.last == "weights.safetensors" ? pieces.dropLast().last : pieces.last
    return folder ?? path
  }
}
