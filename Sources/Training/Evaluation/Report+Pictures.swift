import Basics
import Images

extension Evaluation {
  /// Before and after: a row for each degradation, from lq over what the contenders made to gt.
  public func grid() -> Image {
    let zoom = (samples.first?.gt.width ?? 256) < 128 ? 2 : 1
    var grid = PictureGrid(
      title: "Before and after", columns: ["lq"] + names.dropFirst() + ["gt"], zoom: zoom)
    for sample in samples.sorted(by: { $0.classNumber < $1.classNumber }) {
      let tiles = ([sample.lq] + sample.restored).map { image in
        PictureGrid.Tile(image, note: "\(fixed(Quality.psnr(image, sample.gt), 2)) dB")
      }
      grid.addRow(
        caption: [classes[sample.classNumber], "severity \(fixed(sample.severity, 2))"],
        tiles + [PictureGrid.Tile(sample.gt)])
    }
    return grid.render()
  }
}

/// The curves of runs, read from their logs.
struct LossCurves {
  private var logs: [(name: String, lines: [JSON])] = []

  /// Whether no run was found.
  var isEmpty: Bool { logs.isEmpty }

  /// Adds the log of the run folder that weights lie in; weights without a log are left out.
  mutating func add(_ name: String, weights: String) throws(Problem) {
    let path = folder(of: weights) + "/log.jsonl"
    guard fileExists(path) else { return }
    logs.append((name, try LogFile.read(path)))
  }

  /// A chart of one number of the training lines.
  func chart(_ key: String, title: String, yLabel: String, logarithmic: Bool) -> Image {
    var chart = LineChart(
      title: title, xLabel: "iteration", yLabel: yLabel, logarithmic: logarithmic, smoothing: 0.6)
    for (name, lines) in logs {
      let points = lines.filter { $0["group"]?.string == "train" }.compactMap { line in
        line["iteration"]?.double.flatMap { x in line[key]?.double.map { (x: x, y: $0) } }
      }
      chart.add(name, points)
    }
    return chart.render()
  }
}
