import Basics
import Foundation
import Images
import TestSupport
import Testing

@testable import Records

/// Records as plain folders.
@Suite("Export") struct SetExportTests {
  private let folder = TemporaryFolder()
  private var out: String { folder.file("out") }

  private func export(
    _ set: SampleSet, classes: [String] = [], records: [Range<Int>]? = nil, isByClass: Bool = false,
    workers: Int = 2
  ) throws -> SetExport.Result? {
    var settings = SetExport.Settings()
    (settings.classes, settings.records, settings.isByClass) = (classes, records, isByClass)
    return try SetExport(manifest: set.manifestPath, settings: settings)
      .run(into: out, workers: workers)
  }

  private func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for case let path as String in try #require(FileManager.default.enumerator(atPath: out)) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: out + "/" + path, isDirectory: &isFolder)
      if !isFolder.boolValue { files[path] = try readFile(out + "/" + path) }
    }
    return files
  }

  private func lines(_ name: String) throws -> [String] {
    String(decoding: try readFile(out + "/" + name), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test("pictures of many sizes come out pixel by pixel, with both lists") func whole() throws {
    let set = try SampleSet(count: 7, growing: true)
    #expect(try export(set) == SetExport.Result(records: 7, kept: 0))
    let names = (0..<7).map { Record.key($0) + ".png" }
    for (i, name) in names.enumerated() {
      for (side, salt) in [("lq", 1), ("gt", 2)] {
        let picture = try PictureFile.read("\(out)/\(side)/\(name)")
        #expect(picture.image.bytes == SampleSet.pixels(i, salt, width: 6 + i))
        #expect(picture.image.width == 6 + i && picture.image.height == 4)
      }
    }
    #expect(
      Set(try files().keys)
        == Set(names.flatMap { ["lq/" + $0, "gt/" + $0] })
        .union(["labels.jsonl", "meta_info.txt", "export.json"]))
    #expect(
      try lines("meta_info.txt")
        == names.enumerated().map { "\($1) (4,\(6 + $0),3)" } + [""])
    let labels = try lines("labels.jsonl").dropLast().map {
      try RecordLabel(parsing: Array($0.utf8), place: "labels.jsonl")
    }
    #expect(labels.map(\.index) == Array(0..<7))
    #expect(labels.map(\.className) == (0..<7).map { $0 % 2 == 0 ? "haze" : "rain-streak" })
  }

  @Test("the same files for any number of workers; a second run keeps what is whole, no more")
  func again() throws {
    let set = try SampleSet(count: 40)
    _ = try export(set, workers: 1)
    let whole = try files()
    #expect(try export(set, workers: 3) == SetExport.Result(records: 40, kept: 40))
    // What a killed run leaves, a picture of other pixels, a cut one, and a stray half-written file.
    for name in ["meta_info.txt", "labels.jsonl", "lq/000000003.png"] { unlink(out + "/" + name) }
    let other = Image(width: 6, height: 4, bytes: SampleSet.pixels(9, 9, width: 6))
    try PNGFile.write(other, to: out + "/gt/000000005.png")
    let good = try #require(whole["gt/000000008.png"])
    try AtomicFile.write(Array(good.dropLast(20)), to: out + "/gt/000000008.png")
    try AtomicFile.write("half", to: out + "/lq/.000000003.png.tmp-1")
    #expect(try export(set) == SetExport.Result(records: 40, kept: 37))
    let isSame = try files() == whole
    #expect(isSame)
  }

  @Test("classes and ranges choose records; --by-class gives each class its lists")
  func chosen() throws {
    let set = try SampleSet(count: 12)
    #expect(
      try export(set, classes: ["rain-streak"], records: [2..<6, 9..<11])
        == SetExport.Result(records: 3, kept: 0))
    #expect(
      try lines("meta_info.txt").map { $0.prefix(9) } == [
        "000000003", "000000005", "000000009", "",
      ])
    try FileManager.default.removeItem(atPath: out)
    #expect(try export(set, isByClass: true)?.records == 12)
    #expect(try lines("haze/meta_info.txt").count == 7)
    #expect(try lines("rain-streak/labels.jsonl").count == 7)
    #expect(try files()["haze/lq/000000004.png"] != nil)
    #expect(try files()["haze/lq/000000005.png"] == nil)
  }

  @Test("a folder with other things, or another export, is refused and left as it is")
  func refused() throws {
    let set = try SampleSet(count: 4)
    try createFolder(out)
    try AtomicFile.write("mine", to: out + "/thesis.txt")
    let foreign = #expect(throws: Problem.self) { try export(set) }
    #expect(foreign?.what == "holds other things: 'thesis.txt'")
    #expect(Set(try files().keys) == ["thesis.txt"])
    unlink(out + "/thesis.txt")
    _ = try export(set, records: [0..<2])
    let before = try files()
    let other = #expect(throws: Problem.self) { try export(set) }
    #expect(other?.what == "holds another export: its 'records' is [[0,2]], not null")
    #expect(try files() == before)
  }

  @Test("two exports into one folder: the second is refused") func locked() throws {
    let set = try SampleSet(count: 4)
    try createFolder(out)
    let lock = try RangeLock(out + "/.dcpt-export")
    #expect(try lock.take(0..<1) == nil)
    let error = #expect(throws: Problem.self) { try export(set) }
    #expect(error?.what == "another dcpt-data exports into it")
    try lock.release(0..<1)
    #expect(try export(set)?.records == 4)
  }

  @Test("a label that lies about its record's number and key leads nowhere else") func lies() throws
  {
    let good = try SampleSet.record(0, width: 6)
    let text = try #require(good.members.first { $0.name == "json" }?.bytes)
    var label = try JSON(parsing: text, place: "label")
    label["crc32c"] = nil
    (label["key"], label["index"]) = ("../../stray", 7)
    let pictures = [1, 2].map { SampleSet.pixels(0, $0, width: 6) }
    let record = try #require(
      Record(
        index: 0, label: label, lq: pictures[0], gt: pictures[1], shape: [4, 6, 3],
        textSize: SampleSet.size))
    let set = TemporaryFolder()
    var writer = try ShardWriter(path: set.file("shard-000000.tar"))
    try writer.append(record)
    let manifest = set.file(Manifest.fileName)
    let entry = ShardEntry(
      file: "shard-000000.tar", first: 0,
      classes: ShardEntry.counts(of: [0], classes: SampleSet.classes), result: try writer.finish())
    try SampleSet.manifest([entry]).write(to: manifest)
    _ = try SetExport(manifest: manifest, settings: .init()).run(into: out, workers: 1)
    #expect(
      Set(try files().keys) == [
        "lq/000000000.png", "gt/000000000.png", "labels.jsonl", "meta_info.txt", "export.json",
      ])
    #expect(try lines("meta_info.txt") == ["000000000.png (4,6,3)", ""])
  }

  @Test("unknown classes and records are named") func unknown() throws {
    let set = try SampleSet(count: 4)
    let name = #expect(throws: Problem.self) { try export(set, classes: ["haz"]) }
    #expect(name == Problem("--class", "the set has no 'haz'", fix: "did you mean 'haze'?"))
    let range = #expect(throws: Problem.self) { try export(set, records: [2..<9]) }
    #expect(range?.what == "there is no record 8: the set has 4")
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test("a damaged record is named, and the lists are not written") func damaged() throws {
    let set = try SampleSet(count: 4)
    let shard = set.folder.file("shard-000001.tar")
    var bytes = try readFile(shard)
    bytes[700] ^= 1
    try AtomicFile.write(bytes, to: shard)
    let error = #expect(throws: Problem.self) { try export(set) }
    #expect(error?.place.hasPrefix(shard) == true)
    #expect(try files()["meta_info.txt"] == nil)
  }
}
