import Basics
import Foundation
import Images

/// A data set as one HTML page that needs nothing beside it: class counts, PSNR histograms, and samples
/// whose lq and gt are compared with a slider, with every parameter of their labels.
public struct SetPage {
  private let reader: RecordReader
  private let perClass: Int

  /// Prepares the page of a data set with up to `perClass` samples of each class.
  public init(_ reader: RecordReader, perClass: Int) {
    require(perClass > 0, "SetPage: \(perClass) samples for a class")
    (self.reader, self.perClass) = (reader, perClass)
  }

  /// Makes the page.
  ///
  /// - Parameter progress: Takes the number of labels that are read.
  /// - Throws: `Problem` naming the record that cannot be read.
  public func html(progress: (Int) -> Void = { _ in }) throws -> String {
    let manifest = reader.manifest
    var choice = SampleChoice(classes: manifest.classes)
    var histogram = PSNRHistogram(classes: manifest.classes.count)
    var ssim = manifest.classes.map { _ in 0.0 }
    for index in 0..<reader.count {
      let label = try reader.label(index)
      choice.add(label)
      histogram.add(label)
      ssim[label.classNumber] += label.ssim
      progress(index + 1)
    }
    let counts = manifest.classes.map { name in
      manifest.shards.reduce(0) { $0 + ($1.classes.first { $0.key == name }?.value.integer ?? 0) }
    }
    let classes = zip(manifest.classes, zip(counts, ssim)).map { name, row -> JSON in
      let mean: JSON = row.0 == 0 ? .null : .number(row.1 / Double(row.0))
      return ["name": .string(name), "records": .integer(row.0), "ssim": mean]
    }
    let samples = try choice.indices(perClass: perClass).joined().map { try sample($0) }
    return SetPage.filled(
      title: manifest.name,
      data: [
        "name": .string(manifest.name), "split": .string(manifest.split),
        "records": .integer(manifest.records), "shards": .integer(manifest.shards.count),
        "bytes": .integer(manifest.shards.reduce(0) { $0 + $1.bytes }),
        "seed": .string(String(manifest.seed)), "dataset_id": .string(manifest.datasetID),
        "tool": manifest.tool, "sources": .integer(manifest.sources.count),
        "classes": .array(classes), "psnr": histogram.json, "samples": .array(samples),
      ])
  }

  private func sample(_ index: Int) throws -> JSON {
    let label = try reader.label(index)
    let pictures = try reader.withPair(index) { lq, gt, shape in
      [lq, gt].map { bytes -> JSON in
        let image = Image(
          width: shape.width, height: shape.height, channels: shape.channels, bytes: Array(bytes))
        let png = Data(PNGFile.encode(image)).base64EncodedString()
        return .string("data:image/png;base64," + png)
      }
    }
    return [
      "key": .string(label.key), "class": .integer(label.classNumber),
      "severity": .number(label.severity), "label": label.json, "lq": pictures[0],
      "gt": pictures[1],
    ]
  }

  /// The page with a set's title and data in their places.
  private static func filled(title: String, data: JSON) -> String {
    // No tag can begin inside the data.
    let text = data.compact.replacing("<", with: "\\u003c")
    let plain = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(plain)</title>
      <style>
      \(style)
      </style>
      </head>
      <body>
      \(body)
      <script type="application/json" id="data">\(text)</script>
      <script>
      \(script)
      </script>
      </body>
      </html>

      """
  }
}
