import Basics
import Images

/// A picture that shows what a data set looks like: a row for each class, lq | gt | difference.
public struct SampleSheet {
  /// The difference is drawn this many times as large, around nothing as black.
  private static let gain: Float = 2

  private let reader: RecordReader
  private let rowsPerClass: Int

  /// Prepares the sheet of a data set.
  public init(_ reader: RecordReader, rowsPerClass: Int = 1) {
    require(rowsPerClass > 0, "SampleSheet: \(rowsPerClass) rows for a class")
    (self.reader, self.rowsPerClass) = (reader, rowsPerClass)
  }

  /// Draws the sheet.
  ///
  /// With one row for a class it shows the record nearest to the middle of the class's severities,
  /// with more the rows go from the mildest to the strongest.
  ///
  /// - Throws: `Problem` naming the record that cannot be read.
  public func render() throws -> Image {
    let manifest = reader.manifest
    var grid = PictureGrid(
      title: "\(manifest.name): \(reader.count) records, split \(manifest.split)",
      columns: ["lq", "gt", "difference x\(Int(SampleSheet.gain))"])
    for labels in try chosen() {
      for label in labels { try addRow(label, to: &grid) }
    }
    return grid.render()
  }

  private func chosen() throws(Problem) -> [[RecordLabel]] {
    var choice = SampleChoice(classes: reader.manifest.classes)
    for index in 0..<reader.count { choice.add(try reader.label(index)) }
    var labels: [[RecordLabel]] = []
    for indices in choice.indices(perClass: rowsPerClass) {
      labels.append([])
      for index in indices { labels[labels.count - 1].append(try reader.label(index)) }
    }
    return labels
  }

  private func addRow(_ label: RecordLabel, to grid: inout PictureGrid) throws {
    let tiles = try reader.withPair(label.index) { lq, gt, shape in
      let (w, h, c) = (shape.width, shape.height, shape.channels)
      let difference = zip(lq, gt).map {
        min(abs(Float($0) - Float($1)) / 255 * SampleSheet.gain, 1)
      }
      return [
        PictureGrid.Tile(
          Image(width: w, height: h, channels: c, bytes: Array(lq)),
          note: "PSNR \(fixed(label.psnr, 2)) dB, SSIM \(fixed(label.ssim, 3))"),
        PictureGrid.Tile(Image(width: w, height: h, channels: c, bytes: Array(gt))),
        PictureGrid.Tile(Image(width: w, height: h, channels: c, pixels: difference)),
      ]
    }
    let steps = label.chain.map { "\($0.op) \(fixed($0.severity, 2))" }
    grid.addRow(caption: [label.className] + steps + ["record \(label.key)"], tiles)
  }
}
