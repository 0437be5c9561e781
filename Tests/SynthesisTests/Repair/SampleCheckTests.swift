import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

@Suite struct SampleCheckTests {
  private let folder = TemporaryFolder()

  private func make(_ text: String, clean: [String] = []) throws -> String {
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    _ = try Synthesizer(recipe, split: .train, workers: 2).run(into: folder.file("set"))
    return folder.file("set/manifest.json")
  }

  private func check(_ manifest: String, count: Int, folders: [String] = []) throws -> SampleCheck {
    try SampleCheck(
      manifest: manifest, count: count, folders: folders, depthFolders: [], workers: 2)
  }

  @Test("records of generated pictures and of photographs are what their labels say")
  func same() throws {
    let generated = try make("classes: 5d\ngt_size: 32\ncount: 10\n")
    let all = try check(generated, count: 100)
    #expect(all.findings == [] && all.count == 10)
    #expect(try check(generated, count: 4).count == 4)
    try FileManager.default.removeItem(atPath: folder.file("set"))
    let clean = try photos(3, in: folder)
    let set = try make("classes: 5d\ngt_size: 32\ncount: 6\nsplits: {train: 1}\n", clean: [clean])
    #expect(try check(set, count: 6, folders: [clean]).findings == [])
    let none = #expect(throws: Problem.self) { try check(set, count: 6) }
    #expect(none?.what == "is made from 3 photographs, which are not given")
    let lost = try check(set, count: 6, folders: ["/nowhere"]).findings
    #expect(lost.map(\.record) == (0..<6).map { Record.key($0) })
    #expect(lost[0].what.hasPrefix("cannot be made again: its label was made from the picture"))
  }

  @Test("a record that is sealed, but is not what its label says, is found here and nowhere else")
  func forged() throws {
    let manifest = try make("classes: 5d\ngt_size: 32\ncount: 6\nrecords_per_shard: 3\n")
    try forge(manifest, record: 4)
    #expect(try DataSetCheck(manifest: manifest, level: .records).findings == [])
    #expect(
      try check(manifest, count: 6).findings == [
        ShardCheck.Finding(
          file: "shard-000001.tar", record: "000000004",
          what: "made again, it has other pixels in lq")
      ])
  }

  /// Changes a value of a record's lq, and makes every checksum and digest fit again.
  private func forge(_ path: String, record: Int) throws {
    let reader = try RecordReader(manifest: path)
    var manifest = reader.manifest
    var shards: [ShardEntry] = []
    for entry in manifest.shards {
      let file = folder.file("set/" + entry.file)
      var writer = try ShardWriter(path: file)
      for index in entry.first..<entry.first + entry.records {
        var label = try reader.label(index).json
        label["crc32c"] = nil
        let made = try reader.withPair(index) { lq, gt, shape in
          var lq = Array(lq)
          if index == record { lq[100] ^= 1 }
          return Record(
            index: index, label: label, lq: lq, gt: Array(gt),
            shape: [shape.height, shape.width, 3],
            textSize: manifest.recordTextSize)
        }
        try writer.append(try #require(made))
      }
      shards.append(
        ShardEntry(
          file: entry.file, first: entry.first, classes: entry.classes, result: try writer.finish())
      )
    }
    manifest.shards = shards
    try DataSetSums.write(manifest, in: folder.file("set"))
    try manifest.write(to: path)
  }
}
