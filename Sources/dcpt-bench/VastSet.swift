import Basics
import Foundation
import Records

/// A set that could not be on this disk: files with nothing in them but their size, under a true manifest.
final class VastSet {
  /// The manifest.
  var manifest: String { folder + "/" + Manifest.fileName }
  private let folder: String

  private static let classes = ["noise", "blur", "rain", "haze", "dark"]
  /// A record of two pictures of 8x8 with its label.
  private static let stride = 3 * 512 + 2 * 512 + 1024

  /// Makes the files and the manifest.
  init(shards count: Int, recordsPerShard records: Int) throws(Problem) {
    folder = NSTemporaryDirectory() + "dcpt-bench-vast-\(getpid())"
    try createFolder(folder)
    let size = (VastSet.stride * records / 10_240 + 1) * 10_240
    var lines: [JSON] = []
    for number in 0..<count {
      let file = ShardEntry.fileName(number)
      try VastSet.makeFile(folder + "/" + file, size: size)
      lines.append(VastSet.line(file, number, records, size))
    }
    var document = Manifest(
      name: "vast", split: "train", tool: ["name": "dcpt-bench"], recipe: [:], seed: 0,
      classes: VastSet.classes, recordTextSize: 1024, sources: [], setAside: [], shards: []
    ).json
    document["shards"] = .array(lines)
    document["records"] = .integer(count * records)
    document["dataset_id"] = nil
    document["dataset_id"] = .string(Digest.sha256(Array(document.canonical.utf8)))
    try AtomicFile.write(document.pretty, to: manifest)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static func makeFile(_ path: String, size: Int) throws(Problem) {
    let file = open(path, O_CREAT | O_WRONLY, 0o644)
    defer { close(file) }
    guard file >= 0, ftruncate(file, size) == 0 else {
      throw Problem(path, "cannot be made \(size) bytes large", fix: "set TMPDIR to another disk")
    }
  }

  private static func line(_ file: String, _ number: Int, _ records: Int, _ size: Int) -> JSON {
    let counts = classes.enumerated().map { kind, name in
      JSON.Member(name, .integer(records / 5 + (kind < records % 5 ? 1 : 0)))
    }
    return [
      "file": .string(file), "bytes": .integer(size), "records": .integer(records),
      "first": .integer(number * records),
      "sha256": .string(Digest.sha256(Array(file.utf8))), "classes": .object(counts),
      "stride": .integer(stride),
    ]
  }
}
