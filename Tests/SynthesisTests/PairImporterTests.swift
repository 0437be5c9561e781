import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Real pairs into shards.
@Suite("Import of pairs") struct PairImporterTests {
  private let folder = TemporaryFolder()

  /// Pictures of a size that depends on their number.
  private func picture(_ i: Int, _ salt: Int, width: Int? = nil) -> Image {
    let (w, h) = (width ?? 40 + 3 * i, 30 + i)
    return Image(
      width: w, height: h,
      bytes: (0..<w * h * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + i * 31 + salt) })
  }

  private func makePairs(_ count: Int) throws {
    for (name, salt) in [("lq", 5), ("gt", 0)] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
      for i in 0..<count {
        try PNGFile.write(picture(i, salt), to: folder.file("\(name)/\(i).png"))
      }
    }
  }

  private func importer(
    tile: Int? = nil, overlap: Int = 0, workers: Int = 1, classSet: String? = "5d"
  ) throws -> PairImporter {
    var settings = PairImporter.Settings()
    (settings.tile, settings.overlap, settings.recordsPerShard) = (tile, overlap, 4)
    return try PairImporter(
      lq: folder.file("lq"), gt: folder.file("gt"), class: "low-light", split: .train,
      classSet: classSet, settings: settings, workers: workers)
  }

  private func content(_ name: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.file(name)) {
      files[file] = try readFile(folder.file(name) + "/" + file)
    }
    return files
  }

  private func inode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: folder.file(name))[.systemFileNumber] as? Int
  }

  @Test("whole pictures of many sizes come back, with class, digests and measures")
  func whole() throws {
    try makePairs(6)
    let manifest = try #require(try importer().run(into: folder.file("set")))
    #expect(manifest.records == 6 && manifest.classes.count == 5)
    let path = folder.file("set/manifest.json")
    #expect(try DataSetCheck(manifest: path).findings.isEmpty)
    let reader = try RecordReader(manifest: path)
    for i in 0..<6 {
      let label = try reader.label(i)
      #expect(label.className == "low-light" && label.classNumber == 4 && label.chain.isEmpty)
      #expect(label.multi.reduce(0, +) == 1 && label.multi[7] == 1)
      #expect(label.sourceID == "gt/\(i).png")
      let lq = try readFile(folder.file("lq/\(i).png"))
      #expect(label.json["source"]?["lq"]?["sha256"]?.string == Digest.sha256(lq))
      let (expected, clean) = (picture(i, 5), picture(i, 0))
      #expect(
        abs(
          label.psnr
            - Quality.psnr(
              clean.bytes, expected.bytes, width: clean.width, height: clean.height, channels: 3,
              cropBorder: 0, luma: false)) < 1e-4)
      try reader.withPair(i) { lq, gt, shape in
        #expect(shape.height == expected.height && shape.width == expected.width)
        #expect(Array(lq) == expected.bytes && Array(gt) == clean.bytes)
      }
    }
  }

  @Test("tiles overlap as asked, end with the picture and miss nothing")
  func tiles() throws {
    try makePairs(3)
    let manifest = try #require(try importer(tile: 16, overlap: 4).run(into: folder.file("set")))
    let reader = try RecordReader(manifest: folder.file("set/manifest.json"))
    var seen = (0..<3).map { [Bool](repeating: false, count: picture($0, 0).pixels.count / 3) }
    for index in 0..<manifest.records {
      let label = try reader.label(index)
      let i = try #require(Int(label.sourceID.dropFirst(3).prefix(1)))
      let crop = ["x", "y", "width", "height"].map { label.json["crop"]?[$0]?.integer ?? -1 }
      #expect(crop[2] == 16 && crop[3] == 16)
      let whole = picture(i, 5)
      try reader.withPair(index) { lq, _, _ in
        for y in 0..<16 {
          for x in 0..<16 {
            let place = (crop[1] + y) * whole.width + crop[0] + x
            seen[i][place] = true
            #expect(
              Array(lq[(y * 16 + x) * 3..<(y * 16 + x) * 3 + 3])
                == Array(whole.bytes[place * 3..<place * 3 + 3]))
          }
        }
      }
    }
    #expect(seen.allSatisfy { $0.allSatisfy { $0 } })
    // 40, 43, 46 by 30, 31, 32 with steps of 12: 3 or 4 columns, 3 rows.
    #expect(manifest.records == 3 * 3 + 4 * 3 + 4 * 3)
  }

  @Test("the same bytes for any number of workers, and after a stop at any shard")
  func sameBytes() throws {
    try makePairs(10)
    _ = try importer(workers: 1).run(into: folder.file("one"))
    _ = try importer(workers: 3).run(into: folder.file("three"))
    let one = try content("one")
    #expect(try one == content("three"))
    // A set that has lost its manifest and a shard, and whose first is another's.
    for name in ["manifest.json", "shard-000002.tar"] {
      try FileManager.default.removeItem(atPath: folder.file("three/" + name))
    }
    try FileManager.default.removeItem(atPath: folder.file("three/shard-000000.tar"))
    try FileManager.default.copyItem(
      atPath: folder.file("three/shard-000001.tar"), toPath: folder.file("three/shard-000000.tar"))
    let kept = try inode("three/shard-000001.tar")
    let lost = #expect(throws: Problem.self) { try importer().run(into: folder.file("three")) }
    #expect(lost?.fix == "add --resume to make it again from recipe, pictures and shards")
    _ = try importer(workers: 2).run(into: folder.file("three"), resumes: true)
    #expect(try one == content("three"))
    #expect(try inode("three/shard-000001.tar") == kept)
    #expect {
      _ = try importer(tile: 16).run(into: folder.file("one"))
    } throws: {
      "\($0)".contains("holds the data set 'folders'")
    }
  }

  @Test("what does not fit is set aside with its reason, and the rest goes on")
  func setAside() throws {
    try makePairs(4)
    try PNGFile.write(picture(1, 5, width: 41), to: folder.file("lq/1.png"))
    try AtomicFile.write("no picture", to: folder.file("gt/2.png"))
    try FileManager.default.removeItem(atPath: folder.file("gt/3.png"))
    let importer = try importer()
    #expect(importer.count == 1)
    #expect(
      importer.setAside.map { "\($0.file) \($0.reason)" } == [
        "lq/3.png has no gt of the same name",
        "lq/1.png has 41x31 pixels, its gt gt/1.png 43x31", "gt/2.png is not a picture",
      ])
    #expect {
      _ = try self.importer(classSet: "3d")
    } throws: {
      "\($0)".contains("class 'low-light'")
    }
  }

  @Test("a real pair cannot be replayed") func replay() throws {
    try makePairs(1)
    _ = try importer().run(into: folder.file("set"))
    let label = try RecordReader(manifest: folder.file("set/manifest.json")).label(0)
    #expect {
      _ = try Replay(label.json, place: "record 0").render(folders: [folder.file("gt")])
    } throws: {
      "\($0)".contains("is a real pair")
    }
    let path = folder.file("set/manifest.json")
    let shard = folder.file("set/shard-000000.tar")
    try FileManager.default.removeItem(atPath: shard)
    let repair = try SetRepair(manifest: path, workers: 1)
    #expect {
      _ = try repair.restore([0])
    } throws: {
      "\($0)".contains("holds real pairs") && "\($0)".contains("run the same 'dcpt-data import'")
    }
    _ = try importer().run(into: folder.file("set"))
    #expect(try DataSetCheck(manifest: path).findings.isEmpty)
    #expect {
      _ = try SampleCheck(manifest: path, count: 1, folders: [], depthFolders: [], workers: 1)
    } throws: {
      "\($0)".contains("holds real pairs")
    }
  }
}
