import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Databases as BasicSR writes them.
@Suite("Import of LMDB") struct LMDBImportTests {
  private let folder = TemporaryFolder()
  private static let (lq, gt) = (Fixtures.path("lmdb/lq.lmdb"), Fixtures.path("lmdb/gt.lmdb"))

  private func importer(lq: String = lq, gt: String = gt, tile: Int? = nil) throws -> PairImporter {
    var settings = PairImporter.Settings()
    (settings.recordsPerShard, settings.tile) = (4, tile)
    return try PairImporter(
      lq: lq, gt: gt, class: "haze", split: .train, classSet: "5d", settings: settings, workers: 2)
  }

  /// A copy of the databases that may be changed.
  private func copies() throws -> (lq: String, gt: String) {
    for (from, name) in [(Self.lq, "lq.lmdb"), (Self.gt, "gt.lmdb")] {
      try FileManager.default.copyItem(atPath: from, toPath: folder.file(name))
    }
    return (folder.file("lq.lmdb"), folder.file("gt.lmdb"))
  }

  @Test("every picture comes out pixel by pixel under its key") func pixels() throws {
    let before = try [Self.lq, Self.gt].map { try content($0) }
    let manifest = try #require(try importer().run(into: folder.file("set")))
    #expect(manifest.records == 9 && manifest.setAside.isEmpty)
    let path = folder.file("set/manifest.json")
    #expect(try DataSetCheck(manifest: path).findings.isEmpty)
    let reader = try RecordReader(manifest: path)
    for (index, key) in Fixtures.lmdbKeys.sorted().enumerated() {
      let i = try #require(Fixtures.lmdbKeys.firstIndex(of: key))
      let (lq, gt) = (Fixtures.lmdbPicture(i, salt: 5), Fixtures.lmdbPicture(i, salt: 0))
      let label = try reader.label(index)
      #expect(label.sourceID == "gt/" + key && label.className == "haze")
      #expect(label.json["source"]?["lq"]?["id"]?.string == "lq/" + key)
      try reader.withPair(index) { lqPixels, gtPixels, shape in
        #expect(shape.width == lq.width && shape.height == lq.height)
        #expect(Array(lqPixels) == lq.bytes && Array(gtPixels) == gt.bytes)
      }
    }
    // Neither a lock nor anything else was written beside the user's data.
    #expect(try [Self.lq, Self.gt].map { try content($0) } == before)
  }

  @Test("a database beside a folder of the same names, and in tiles, is the same road")
  func mixed() throws {
    for i in 0..<9 {
      let gt = Fixtures.lmdbPicture(i, salt: 0)
      let path = folder.file("gt/" + Fixtures.lmdbKeys[i] + ".png")
      try createFolder(String(path.prefix(upTo: try #require(path.lastIndex(of: "/")))))
      try PNGFile.write(Image(width: gt.width, height: gt.height, bytes: gt.bytes), to: path)
    }
    let importer = try importer(gt: folder.file("gt"), tile: 16)
    _ = try importer.run(into: folder.file("set"))
    #expect(importer.setAside.isEmpty)
    let reader = try RecordReader(manifest: folder.file("set/manifest.json"))
    for index in 0..<reader.count {
      let crop = try #require(try reader.label(index).json["crop"])
      let key = try reader.label(index).sourceID.dropFirst(3).dropLast(4)
      let i = try #require(Fixtures.lmdbKeys.firstIndex(of: String(key)))
      let whole = Fixtures.lmdbPicture(i, salt: 5)
      let (x, y) = (crop["x"]?.integer ?? -1, crop["y"]?.integer ?? -1)
      try reader.withPair(index) { lq, _, _ in
        for row in 0..<16 {
          let start = ((y + row) * whole.width + x) * 3
          #expect(lq[row * 48..<row * 48 + 48].elementsEqual(whole.bytes[start..<start + 48]))
        }
      }
    }
    // Those of 30 by 40 are cut into two rows of three.
    #expect(reader.count > 9 + 2 * 5)
  }

  @Test("meta_info.txt says which keys are the set's; what is in one file alone is listed")
  func list() throws {
    let (lq, gt) = try copies()
    let list = lq + "/meta_info.txt"
    var lines = String(decoding: try readFile(list), as: UTF8.self).split(separator: "\n")
    lines.removeAll { $0.hasPrefix("0001_s002.png") }
    lines.append("a key.png (16,16,3) 1")
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: list)
    let importer = try importer(lq: lq, gt: gt)
    #expect(importer.count == 8)
    #expect(
      importer.setAside.map { "\($0.file) \($0.reason)" } == [
        "lq/a key is named in meta_info.txt and not in the database",
        "lq/0001_s002 is not named in meta_info.txt", "gt/0001_s002 is the gt of no picture",
      ])
    unlink(list)
    #expect(try self.importer(lq: lq, gt: gt).count == 9)
  }

  @Test("a database that was cut is one line, and nothing is written") func cut() throws {
    let (lq, gt) = try copies()
    let data = lq + "/data.mdb"
    try AtomicFile.write(Array(try readFile(data).prefix(20_000)), to: data)
    let error = #expect(throws: Problem.self) { try importer(lq: lq, gt: gt) }
    #expect(error?.place == data)
    #expect(
      error?.what.hasPrefix("ends after 20000 bytes, ") == true, "\(String(describing: error))")
    #expect(error?.fix == "the database is damaged or was cut: copy it or make it again")
  }

  @Test("a value that is no picture, or is cut, is set aside with its key") func value() throws {
    let (lq, gt) = try copies()
    let data = lq + "/data.mdb"
    var bytes = try readFile(data)
    let path = bytes.withUnsafeBytes { try? LMDBIndex(scanning: $0, place: data) }
    let entry = try #require(path?.entries.first { $0.key == "0002_s001" })
    bytes[entry.value.lowerBound + 40] ^= 1
    try AtomicFile.write(bytes, to: data)
    let importer = try importer(lq: lq, gt: gt)
    #expect(importer.count == 8 && importer.setAside.map(\.file) == ["lq/0002_s001"])
    #expect(importer.setAside.first?.reason.hasPrefix("PNG picture is damaged") == true)
  }
}
