import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Shards that others wrote.
@Suite("Import of tars") struct TarImportTests {
  private let folder = TemporaryFolder()

  private func importer(
    _ tars: [String], lq: String = "lq.png", gt: String = "gt.png", className: String? = nil,
    classField: String? = nil, classes: String? = nil
  ) throws -> PairImporter {
    var settings = PairImporter.Settings()
    settings.recordsPerShard = 3
    let fields = try TarFields(lq: lq, gt: gt, class: className, classField: classField)
    return try PairImporter(
      tars: tars, fields: fields, split: .train, classSet: classes, settings: settings, workers: 2)
  }

  private func golden(_ name: String) -> String { Golden.path("records/\(name).tar") }

  /// Writes a tar whose records have these members.
  private func tar(_ name: String, _ records: [[(name: String, bytes: [UInt8])]]) throws -> String {
    var writer = try ShardWriter(path: folder.file(name))
    for (i, members) in records.enumerated() {
      try writer.append(Record(key: "r\(i)", members: members))
    }
    _ = try writer.finish()
    return folder.file(name)
  }

  private func png(_ i: Int, _ salt: Int) -> [UInt8] {
    PNGFile.encode(
      Image(
        width: 16 + i, height: 16,
        bytes: (0..<(16 + i) * 48).map { UInt8(truncatingIfNeeded: $0 * 7 + i * 31 + salt) }))
  }

  private func pair(_ i: Int, _ more: [(String, String)] = []) -> [(name: String, bytes: [UInt8])] {
    [("gt.png", png(i, 0)), ("lq.png", png(i, 5))] + more.map { ($0.0, Array($0.1.utf8)) }
  }

  @Test("webdataset's shards of PNG and of npy give the same pixels, with their provenance")
  func golden() throws {
    let classes = "a,b,rain,haze,lowlight"
    for (name, form) in [("png", "png"), ("npy", "npy")] {
      let manifest = try #require(
        try importer(
          [golden(name + "-000000")], lq: "lq." + form, gt: "gt." + form,
          classField: "json:label", classes: classes
        ).run(into: folder.file(name)))
      #expect(manifest.records > 3 && manifest.setAside.isEmpty)
      #expect(manifest.classes == ["a", "b", "rain", "haze", "lowlight"])
      #expect(try DataSetCheck(manifest: folder.file(name + "/manifest.json")).findings.isEmpty)
    }
    let png = try RecordReader(manifest: folder.file("png/manifest.json"))
    let npy = try RecordReader(manifest: folder.file("npy/manifest.json"))
    let file = try MappedFile(golden("png-000000"))
    let theirs = ShardIndex(scanning: file.bytes).records
    #expect(png.count == npy.count && png.count == theirs.count)
    var kinds: Set<String> = []
    for index in 0..<png.count {
      try png.withPair(index) { lq, gt, shape in
        try npy.withPair(index) { otherLQ, otherGT, otherShape in
          #expect(lq.elementsEqual(otherLQ) && gt.elementsEqual(otherGT))
          #expect(shape == otherShape)
        }
      }
      let label = try png.label(index)
      let key = theirs[index].key
      let source = try #require(label.json["source"])
      #expect(try JSONSchema("record.json", closed: true).faults(label.json) == [])
      #expect(label.sourceID == "png-000000.tar/\(key).gt.png")
      for (part, field) in [("lq", "lq.png"), ("note", "json")] {
        let member = try #require(theirs[index][field])
        let bytes = Array(file.bytes[member.dataOffset..<member.dataOffset + member.size])
        #expect(source[part]?["id"]?.string == "png-000000.tar/\(key).\(field)")
        #expect(source[part]?["sha256"]?.string == Digest.sha256(bytes))
      }
      let member = try #require(theirs[index]["json"])
      let json = try JSON(
        parsing: file.bytes[member.dataOffset..<member.dataOffset + member.size], place: key)
      kinds.insert(try #require(json["kind"]?.string))
      #expect(
        json["kind"]?.string == label.className && json["label"]?.integer == label.classNumber)
    }
    // The names of the classes are in the JSON too.
    let named = try importer([golden("png-000000")], classField: "json:kind")
      .run(into: folder.file("named"))
    #expect(named?.classes == kinds.sorted() && kinds.count > 1)
    #expect(named?.records == png.count)
  }

  @Test(
    "a damaged tar is refused with its place",
    arguments: [
      "damaged-header-sum", "damaged-truncated-data", "damaged-truncated-header",
      "damaged-garbage-tail", "quirk-duplicate", "quirk-interleaved", "zero-bytes",
    ])
  func damaged(_ name: String) throws {
    let error = #expect(throws: Problem.self) {
      try importer(
        [golden("npy-000000"), golden(name)], lq: "lq.npy", gt: "gt.npy", className: "haze")
    }
    #expect(error?.place == golden(name))
    #expect(error?.fix == "fetch the tar again, or leave it out")
    let file = try MappedFile(golden(name))
    #expect(error?.what == ShardIndex(scanning: file.bytes).damage?.sentence)
  }

  @Test("classes come from a number, a name or a key, and what has none is listed")
  func classes() throws {
    let path = try tar(
      "a.tar",
      [
        pair(0, [("cls", "2\n")]), pair(1, [("cls", "haze")]), pair(2, [("cls", "9")]),
        pair(3, [("cls", " thick fog\n")]), pair(4),
        pair(5, [("json", "{\"a\":{\"b\":\"snow\"}}")]),
        pair(6, [("json", "{\"a\":")]), [pair(7)[0]], pair(8, [("cls", "a\u{1B}[2J")]),
      ])
    let byMember = try importer([path], classField: "cls", classes: "rain,haze,snow")
    #expect(byMember.count == 2)
    #expect(
      byMember.setAside.map { "\($0.file) \($0.reason)" } == [
        "a.tar/r2 has class number 9, --classes has 3",
        "a.tar/r3 has the class 'thick fog', which --classes does not name",
        "a.tar/r4 has no field cls; it has gt.png, lq.png",
        "a.tar/r5 has no field cls; it has gt.png, json, lq.png",
        "a.tar/r6 has no field cls; it has gt.png, json, lq.png",
        "a.tar/r7 has no field lq.png; it has gt.png",
        "a.tar/r8 has a class that is no name (cls)",
      ])
    let manifest = try #require(try byMember.run(into: folder.file("cls")))
    #expect(manifest.classes == ["rain", "haze", "snow"])
    let reader = try RecordReader(manifest: folder.file("cls/manifest.json"))
    #expect(try (0..<2).map { try reader.label($0).className } == ["snow", "haze"])
    let byKey = try importer([path], classField: "json:a.b")
    #expect(byKey.count == 1 && byKey.setAside.count == 8)
    #expect(
      byKey.setAside.contains { $0.file == "a.tar/r6" && $0.reason == "has a json that is no JSON" }
    )
    let error = #expect(throws: Problem.self) { try importer([path], classField: "cls") }
    #expect(error?.what == "its class is the number 2 (cls)")
  }

  @Test("either of two fields will do, of any case, and other forms are set aside")
  func fields() throws {
    let gray = NPYArray.file([UInt8](repeating: 9, count: 256), shape: [16, 16])
    let floats = NPYArray.file([Float](repeating: 0.5, count: 768), shape: [16, 16, 3])
    let path = try tar(
      "a.tar",
      [
        pair(0), [("gt.npy", gray), ("lq.png", png(0, 3))],
        [("gt.npy", floats), ("lq.png", png(0, 3))],
        [("gt.png", png(1, 0)), ("lq.png", png(2, 0))],
      ])
    let importer = try importer([path], lq: "LQ.PNG", gt: "gt.png;gt.npy", className: "haze")
    #expect(importer.count == 2)
    #expect(
      importer.setAside.map { "\($0.file) \($0.reason)" } == [
        "a.tar/r2.gt.npy npy: is <f4 [16, 16, 3], not uint8 of height, width and 3 channels",
        "a.tar/r3.lq.png has 18x16 pixels, its gt a.tar/r3.gt.png 17x16",
      ])
    _ = try importer.run(into: folder.file("set"))
    let reader = try RecordReader(manifest: folder.file("set/manifest.json"))
    #expect(try reader.label(1).json["source"]?["gray"] == "replicated")
    try reader.withPair(1) { _, gt, _ in #expect(gt.allSatisfy { $0 == 9 }) }
  }

  @Test("patterns find tars, whose names are what differs between their paths") func patterns()
    throws
  {
    for name in ["x", "y/z"] { try createFolder(folder.file("d/" + name)) }
    for name in ["d/x/1.tar", "d/x/0.tar", "d/y/z/0.tar"] { _ = try tar(name, [pair(0)]) }
    let list = try TarList([folder.file("d/x/*.tar"), folder.file("d/{x,y/z}/0.tar")])
    #expect(list.names == ["x/0.tar", "x/1.tar", "y/z/0.tar"])
    #expect(try TarList([folder.file("d/x/0.tar")]).names == ["0.tar"])
    let error = #expect(throws: Problem.self) { try TarList([folder.file("d/*.zip")]) }
    #expect(error?.what == "no file fits '\(folder.file("d/*.zip"))'")
    // The same key in two tars is two records.
    #expect(try importer(list.paths, className: "haze").count == 3)
  }

  @Test("compressed tars and tars without a pair say so") func unusable() throws {
    try AtomicFile.write([0x1F, 0x8B, 8, 0, 0], to: folder.file("a.tar"))
    let packed = #expect(throws: Problem.self) {
      try importer([folder.file("a.tar")], className: "haze")
    }
    #expect(packed?.fix == "gunzip it first")
    let path = try tar("b.tar", [pair(0)])
    let none = #expect(throws: Problem.self) {
      try importer([path], lq: "input.png", className: "haze")
    }
    #expect(none?.fix == "the first: b.tar/r0 has no field input.png; it has gt.png, lq.png")
    #expect(throws: Problem.self) { try importer([path]) }
    #expect(throws: Problem.self) { try importer([path], className: "haze", classes: "haze,haze") }
  }
}
