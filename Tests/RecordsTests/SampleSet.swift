import Basics
import Foundation
import Records
import TestSupport

/// A small data set of made-up pictures on disk.
final class SampleSet: Sendable {
  let folder = TemporaryFolder()
  let perShard = 3
  static let size = 1024
  static let classes = ["haze", "rain-streak"]
  /// The bytes of a record of 6 by 4 pixels: three headers, two blocks of pixels, the label.
  static let recordStride = 3 * 512 + 2 * 512 + size

  var manifestPath: String { folder.file(Manifest.fileName) }

  /// Writes records of `width` pixels; with `growing` each has its own size
  /// (though some fill as many blocks).
  ///
  /// - Parameter png: How its PNG files are written; nil for the raw form.
  init(count: Int = 7, width: Int = 6, growing: Bool = false, png: PNGSettings? = nil) throws {
    var shards: [ShardEntry] = []
    var sums = ""
    for first in stride(from: 0, to: count, by: perShard) {
      let file = ShardEntry.fileName(first / perShard)
      let numbers = first..<min(first + perShard, count)
      var writer = try FormShardWriter(path: folder.file(file), png: png)
      for index in numbers {
        try writer.append(SampleSet.record(index, width: growing ? width + index : width))
      }
      let counts = ShardEntry.counts(of: numbers.map { $0 % 2 }, classes: SampleSet.classes)
      let entry = try writer.finish(first: first, classes: counts) { _ in }
      shards.append(entry)
      sums += "\(entry.sha256)  \(file)\n"
    }
    let manifest = SampleSet.manifest(shards).inForm(png == nil ? .raw : .png, png: png)
    try manifest.write(to: manifestPath)
    sums += "\(Digest.sha256(try readFile(manifestPath)))  \(Manifest.fileName)\n"
    try AtomicFile.write(sums, to: folder.file(DataSetSums.fileName))
  }

  static func manifest(_ shards: [ShardEntry]) -> Manifest {
    Manifest(
      name: "sample", split: "train", tool: ["name": "dcpt-data", "version": "0"],
      recipe: ["name": "sample", "note": "tabs\tand \u{1} \"quotes\""], seed: 9,
      classes: classes,
      recordTextSize: size,
      sources: [
        Manifest.Source(id: "a", file: "a.png", sha256: "00ff", width: 40, height: 30)
      ], setAside: [Manifest.SetAside(file: "b.png", reason: "is cut short")], shards: shards)
  }

  static func pixels(_ index: Int, _ salt: Int, width: Int) -> [UInt8] {
    (0..<width * 4 * 3).map { UInt8(truncatingIfNeeded: $0 * 31 + index * 7 + salt) }
  }

  static func record(_ index: Int, width: Int) throws -> Record {
    let shape: JSON = [
      "width": .integer(width), "height": 4, "channels": 3, "dtype": "|u1", "space": "srgb",
    ]
    let label: JSON = [
      "format": "dcpt-record/1", "key": .string(Record.key(index)), "index": .integer(index),
      "class": .string(index % 2 == 0 ? "haze" : "rain-streak"), "label": .integer(index % 2),
      "multi": .array((0..<18).map { .integer($0 == 4 ? 1 : 0) }),
      "source": ["id": .string("photo-\(index)")],
      "chain": [["op": "haze", "severity": 0.5]], "lq": shape, "gt": shape,
      "measured": ["psnr": 21.5, "ssim": 0.75],
    ]
    guard
      let record = Record(
        index: index, label: label, lq: pixels(index, 1, width: width),
        gt: pixels(index, 2, width: width), shape: [4, width, 3], textSize: size)
    else { throw Problem("sample", "the label is too long") }
    return record
  }
}
