import Basics
import Foundation
import Records

/// A set of pairs of noise in a folder of its own, which goes away with the object.
final class LoaderSet {
  /// The manifest.
  var manifest: String { folder + "/" + Manifest.fileName }
  private let folder: String

  private static let classes = ["noise", "blur", "rain", "haze", "dark"]
  private static let perShard = 100

  /// Writes the set; each shard holds one class, the hardest case for a shuffle within pools.
  init(pairs: Int, size: Int) throws(Problem) {
    folder = NSTemporaryDirectory() + "dcpt-bench-\(getpid())"
    try createFolder(folder)
    var shards: [ShardEntry] = []
    for first in stride(from: 0, to: pairs, by: LoaderSet.perShard) {
      shards.append(
        try shard(first..<min(first + LoaderSet.perShard, pairs), shards.count, size))
    }
    try Manifest(
      name: "loader bench", split: "train", tool: ["name": "dcpt-bench"], recipe: [:], seed: 0,
      classes: LoaderSet.classes, recordTextSize: 1024, sources: [], setAside: [], shards: shards
    ).write(to: manifest)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func shard(_ records: Range<Int>, _ number: Int, _ size: Int) throws(Problem)
    -> ShardEntry
  {
    let kind = number % LoaderSet.classes.count
    let file = ShardEntry.fileName(number)
    var writer = try ShardWriter(path: folder + "/" + file)
    for index in records { try writer.append(LoaderSet.record(index, kind, size)) }
    return ShardEntry(
      file: file, first: records.lowerBound,
      classes: [JSON.Member(LoaderSet.classes[kind], .integer(records.count))],
      result: try writer.finish())
  }

  private static func record(_ index: Int, _ kind: Int, _ size: Int) -> Record {
    var random = RandomStream(seed: 1, index: UInt64(index))
    var pictures = [[UInt8]]()
    for _ in 0..<2 {
      pictures.append((0..<size * size * 3).map { _ in UInt8(truncatingIfNeeded: random.next32()) })
    }
    let picture: JSON = [
      "width": .integer(size), "height": .integer(size), "channels": 3, "dtype": "|u1",
      "space": "srgb",
    ]
    let label: JSON = [
      "format": "dcpt-record/1", "key": .string(Record.key(index)), "index": .integer(index),
      "class": .string(classes[kind]), "label": .integer(kind),
      "multi": .array((0..<18).map { _ in 0 }), "source": ["id": "noise"],
      "chain": [["op": "noise", "severity": 0.5]], "lq": picture, "gt": picture,
      "measured": ["psnr": 10, "ssim": 0],
    ]
    guard
      let record = Record(
        index: index, label: label, lq: pictures[0], gt: pictures[1], shape: [size, size, 3],
        textSize: 1024)
    else { fatalError("LoaderSet: the label needs more than 1024 bytes") }
    return record
  }
}
