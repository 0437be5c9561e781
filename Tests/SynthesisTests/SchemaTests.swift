import Basics
import Degradations
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Manifests and labels as the program writes them against `docs/schema`.
@Suite struct SchemaTests {
  private let folder = TemporaryFolder()

  /// Makes a set, and returns its manifest and its labels.
  private func made(_ text: String, clean: [String] = []) throws -> (manifest: JSON, labels: [JSON])
  {
    let out = folder.file("set")
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    _ = try Synthesizer(recipe, split: .train, workers: 2).run(into: out)
    let path = out + "/" + Manifest.fileName
    let reader = try RecordReader(manifest: path)
    let labels = try (0..<reader.count).map { try reader.label($0).json }
    let manifest = try JSON(parsing: try readFile(path), place: path)
    try FileManager.default.removeItem(atPath: out)
    return (manifest, labels)
  }

  private func expectValid(_ set: (manifest: JSON, labels: [JSON])) throws {
    #expect(try JSONSchema("manifest.json", closed: true).faults(set.manifest) == [])
    let schema = try JSONSchema("record.json", closed: true)
    for label in set.labels { #expect(schema.faults(label) == [], "\(label.compact)") }
  }

  @Test("imported pairs fit the schemas") func imported() throws {
    for (name, salt) in [("lq", 1), ("gt", 0)] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
      for i in 0..<3 {
        let bytes = (0..<40 * 30 * 3).map { UInt8(truncatingIfNeeded: $0 * 7 + i * 31 + salt) }
        try PNGFile.write(
          Image(width: 40, height: 30, bytes: bytes), to: folder.file("\(name)/\(i).png"))
      }
    }
    var settings = PairImporter.Settings()
    settings.tile = 16
    let importer = try PairImporter(
      lq: folder.file("lq"), gt: folder.file("gt"), class: "haze", split: .test, classSet: nil,
      settings: settings, workers: 1)
    let out = folder.file("imported")
    _ = try importer.run(into: out)
    let path = out + "/" + Manifest.fileName
    let reader = try RecordReader(manifest: path)
    let labels = try (0..<reader.count).map { try reader.label($0).json }
    #expect(labels.count == 3 * 3 * 2)
    try expectValid((try JSON(parsing: try readFile(path), place: path), labels))
  }

  @Test("sets of the whole catalog fit the schemas, and the schemas know every key") func catalog()
    throws
  {
    let names = DegradationCatalog.all.map { $0.name }
    let more = "planes: [mask, depth, transmission]"
    let set = try made(catalogRecipe(names, count: 60, more))
    let steps: [JSON] = set.labels.flatMap { (label: JSON) -> [JSON] in label["chain"]?.array ?? []
    }
    let ops = Set(steps.compactMap { (step: JSON) -> String? in step["op"]?.string })
    #expect(ops.count > 10)
    let hasPlanes = set.labels.contains { (label: JSON) -> Bool in
      (label["crc32c"]?.object ?? []).count > 4
    }
    #expect(hasPlanes)
    try expectValid(set)
  }

  @Test(
    "sets of photographs with every kind of depth fit the schemas",
    arguments: ["", "depth: {kind: constant, value: 0.5}\n", "given"])
  func photographs(_ depth: String) throws {
    let clean = try photos(4, in: folder)
    try AtomicFile.write("no picture", to: clean + "/broken.png")
    let maps = folder.file("maps")
    try FileManager.default.createDirectory(atPath: maps, withIntermediateDirectories: true)
    for number in 0..<4 {
      let (width, height) = (40 + number, 40)
      let values = (0..<width * height).map { Float($0 % width) / Float(width) }
      try AtomicFile.write(
        NPYArray.file(values, shape: [height, width]), to: "\(maps)/photo-\(number).npy")
    }
    let given = "depth: {kind: given, folders: [\(maps)], encoding: {kind: distance}}\n"
    let set = try made(
      "classes: 5d\ngt_size: 32\ncount: 10\nsplits: {train: 1}\ngt_usm: true\n"
        + (depth == "given" ? given : depth), clean: [clean])
    #expect(set.manifest["set_aside"]?.array?.count == 1)
    let kind = depth.isEmpty ? "procedural" : depth == "given" ? "given" : "constant"
    #expect(set.labels.allSatisfy { $0["depth"]?["kind"]?.string == kind })
    try expectValid(set)
  }

  @Test("sets of PNG files and of several parents fit the schemas") func repacked() throws {
    for (name, seed) in [("a", 1), ("b", 2)] {
      let text =
        "name: \(name)\nclasses: \(name == "a" ? "3d" : "5d")\ngt_size: 32\ncount: 5\nseed: \(seed)\n"
      _ = try Synthesizer(try recipe(text, in: folder), split: .train, workers: 1)
        .run(into: folder.file(name))
    }
    var settings = Repacker.Settings()
    settings.form = .png
    for (parents, out) in [(["a"], "png"), (["a", "b"], "both"), (["both"], "again")] {
      settings.selection = .init(classes: nil, pick: out == "again" ? .every(2) : .all)
      let repacker = try Repacker(
        parents.map { folder.file($0 + "/" + Manifest.fileName) }, settings, workers: 1)
      _ = try repacker.run(into: folder.file(out))
      let path = folder.file(out + "/" + Manifest.fileName)
      let reader = try RecordReader(manifest: path)
      let labels = try (0..<reader.count).map { try reader.label($0).json }
      #expect(labels.allSatisfy { ($0["origin"] == nil) == (out == "png") })
      var manifest = try JSON(parsing: try readFile(path), place: path)
      try expectValid((manifest, labels))
      manifest["fields"]?["lq.png"] = nil
      #expect(try !JSONSchema("manifest.json", closed: true).faults(manifest).isEmpty)
    }
  }

  @Test("leaves at one depth, and the reference manifests, fit the schemas") func others() throws {
    try expectValid(
      try made(
        "classes: cdd-11\nform: cdd\ngt_size: 32\ncount: 11\ndepth: {kind: constant, value: 1}\n"))
    let schema = try JSONSchema("manifest.json", closed: true)
    let root =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path + "/manifests/reference/"
    for name in try FileManager.default.contentsOfDirectory(atPath: root) {
      let json = try JSON(parsing: try readFile(root + name), place: name)
      #expect(schema.faults(json) == [], "\(name)")
    }
  }

  @Test("a document that lacks a key, or has a value of another kind, does not fit") func refusals()
    throws
  {
    let set = try made("classes: 5d\ngt_size: 32\ncount: 3\n")
    for (name, document) in [("manifest.json", set.manifest), ("record.json", set.labels[0])] {
      let schema = try JSONSchema(name, closed: false)
      #expect(schema.faults(document) == [])
      for member in document.object ?? [] {
        var lacking = document
        lacking[member.key] = nil
        #expect(!schema.faults(lacking).isEmpty, "\(name) without \(member.key)")
        var other = document
        other[member.key] = [[true]]
        #expect(!schema.faults(other).isEmpty, "\(name) with another \(member.key)")
      }
      var later = document
      later["note"] = "of a later version"
      #expect(schema.faults(later).isEmpty)
      #expect(try JSONSchema(name, closed: true).faults(later) == ["$.note: is not in the schema"])
      later["format"] = "dcpt-other/1"
      #expect(!schema.faults(later).isEmpty)
    }
  }
}
