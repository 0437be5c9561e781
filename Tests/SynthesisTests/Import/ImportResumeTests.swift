import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Imports that were ended, or meet another process.
@Suite("Ended imports") struct ImportResumeTests {
  private let folder = TemporaryFolder()
  private var set: String { folder.file("set") }

  private func makePairs(_ count: Int, below subfolder: String = "") throws {
    for (name, salt) in [("lq", 5), ("gt", 0)] {
      let path = folder.file(name + subfolder)
      try createFolder(path)
      for i in 0..<count {
        let bytes = (0..<20 * 16 * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + i * 31 + salt) }
        try PNGFile.write(Image(width: 20, height: 16, bytes: bytes), to: "\(path)/\(i).png")
      }
    }
  }

  private func importer(classSet: String? = "5d") throws -> PairImporter {
    var settings = PairImporter.Settings()
    settings.recordsPerShard = 4
    return try PairImporter(
      lq: folder.file("lq"), gt: folder.file("gt"), class: "haze", split: .train,
      classSet: classSet, settings: settings, workers: 2)
  }

  private func draft(_ importer: PairImporter) throws -> Draft {
    try Draft(set, plan: importer.content, shards: ShardList(all: importer.content.shards))
  }

  /// Makes of the finished set what a killed run leaves.
  private func unseal() throws {
    let manifest = try Manifest(reading: set + "/manifest.json")
    let draft = try draft(try importer())
    try manifest.shards.forEach { try draft.note($0) }
    for name in ["manifest.json", "SHA256SUMS"] { unlink(set + "/" + name) }
  }

  private func fileNumber(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: set + "/" + name)[.systemFileNumber] as? Int
  }

  @Test("noted shards are kept, others made, and half-written files of the dead removed")
  func goesOn() throws {
    try makePairs(14)
    _ = try importer().run(into: set)
    let whole = try content(set)
    try unseal()
    unlink(set + "/shard-000002.tar")
    var bytes = try readFile(set + "/shard-000001.tar")
    bytes[bytes.count - 1] ^= 1
    try AtomicFile.write(bytes, to: set + "/shard-000001.tar")
    for name in [".shard-000001.tar.tmp-1", ".shard-000003.idx.tmp-1", ".manifest.json.tmp-1"] {
      try AtomicFile.write("half", to: set + "/" + name)
    }
    let kept = try fileNumber("shard-000000.tar")
    _ = try importer().run(into: set)
    let isSame = try content(set) == whole
    #expect(isSame)
    #expect(try fileNumber("shard-000000.tar") == kept)
  }

  @Test("other classes, pictures or partners are another set, and change nothing")
  func otherSet() throws {
    try makePairs(5)
    _ = try importer().run(into: set)
    let whole = try content(set)
    #expect(throws: Problem.self) { try importer(classSet: "10d").run(into: set) }
    try unseal()
    let unfinished = #expect(throws: Problem.self) { try importer(classSet: nil).run(into: set) }
    #expect(unfinished?.what.hasPrefix("holds an unfinished data set") == true)
    _ = try importer().run(into: set)
    try PNGFile.write(Image(width: 20, height: 16, filledWith: 0.5), to: folder.file("lq/3.png"))
    #expect(throws: Problem.self) { try importer().run(into: set) }
    let isSame = try content(set) == whole
    #expect(isSame)
  }

  @Test("two imports into one folder: the second is refused, and goes on when the first is gone")
  func locked() throws {
    try makePairs(5)
    let importer = try importer()
    try createFolder(set)
    do {
      let first = try draft(importer)
      let error = #expect(throws: Problem.self) { try importer.run(into: set) }
      #expect(
        error
          == Problem(
            set, "shards 0...1 are being made by another dcpt-data", fix: "wait until it ends"))
      withExtendedLifetime(first) {}
    }
    #expect(try importer.run(into: set)?.records == 5)
  }

  @Test("labels that are too long for their room make all of them longer") func longLabels() throws
  {
    let name = "/" + String(repeating: "long-name-", count: 20)
    try makePairs(2)
    try makePairs(4, below: String(repeating: name, count: 5))
    let manifest = try #require(try importer().run(into: set))
    #expect(manifest.recordTextSize == 4096 && manifest.records == 6)
    #expect(try DataSetCheck(manifest: set + "/manifest.json").findings.isEmpty)
  }
}
