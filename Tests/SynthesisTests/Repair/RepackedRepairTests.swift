import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Damaged sets that were repacked.
@Suite struct RepackedRepairTests {
  private let folder = TemporaryFolder()

  private func manifest(_ name: String) -> String { folder.file(name) + "/" + Manifest.fileName }

  private func make(_ name: String, seed: Int = 5) throws {
    let text =
      "name: \(name)\nclasses: 5d\ngt_size: 32\ncount: 12\nseed: \(seed)\nrecords_per_shard: 4\n"
    _ = try Synthesizer(try recipe(text, in: folder), split: .train, workers: 2)
      .run(into: folder.file(name))
  }

  private func repack(
    _ names: [String], to out: String, _ change: (inout Repacker.Settings) -> Void
  ) throws {
    var settings = Repacker.Settings()
    change(&settings)
    _ = try Repacker(names.map(manifest), settings, workers: 2).run(into: folder.file(out))
  }

  /// Damages the second shard of a set and removes the third.
  private func damage(_ name: String) throws {
    let path = folder.file(name) + "/shard-000001.tar"
    var bytes = try readFile(path)
    bytes[3000] ^= 1
    try AtomicFile.write(bytes, to: path)
    unlink(folder.file(name) + "/shard-000002.tar")
  }

  private func repair(_ name: String, from parents: [String] = [], acceptsPixels: Bool = false)
    throws -> SetRepair.Result
  {
    let repair = try SetRepair(
      manifest: manifest(name), workers: 2, acceptsPixels: acceptsPixels)
    return try repair.restore(try repair.damagedShards(), parents: parents.map(manifest))
  }

  /// Makes a set's manifest say that its PNG files were packed otherwise, so that packing them as it says
  /// gives other bytes, as another zlib would.
  private func pretendOtherZlib(_ name: String) throws {
    var json = try JSON(parsing: try readFile(manifest(name)), place: name)
    json["png"] = ["level": 9, "libpng": "1.0", "zlib": "0.9"]
    json["dataset_id"] = nil
    json["dataset_id"] = .string(Digest.sha256(Array(json.canonical.utf8)))
    try AtomicFile.write(json.pretty, to: manifest(name))
    let whole = try Manifest(reading: manifest(name))
    try DataSetSums.write(whole, in: folder.file(name))
  }

  @Test("a PNG set is made again from its recipe, and from the set it was repacked from")
  func fromRecipe() throws {
    try make("set")
    try repack(["set"], to: "png") { ($0.form, $0.recordsPerShard) = (.png, 3) }
    let whole = try content(folder.file("png"))
    for parents in [[], ["set"]] {
      try damage("png")
      let result = try repair("png", from: parents)
      #expect(result.restored == ["shard-000001.tar", "shard-000002.tar"])
      #expect(result.failures == [] && result.accepted == [])
      #expect(try content(folder.file("png")) == whole)
    }
    // The other way round: arrays from the PNG files that were kept.
    let raw = try content(folder.file("set"))
    try damage("set")
    #expect(try repair("set", from: ["png"]).failures == [])
    #expect(try content(folder.file("set")) == raw)
  }

  @Test("with another zlib the pixels are proven, and taken only when they are asked for")
  func otherZlib() throws {
    try make("set")
    try repack(["set"], to: "png") { $0.form = .png }
    try pretendOtherZlib("png")
    let old = try Manifest(reading: manifest("png"))
    try damage("png")
    let before = try content(folder.file("png"))
    let refused = try repair("png")
    #expect(refused.restored == [] && refused.failures.count == 2)
    #expect(
      refused.failures[0].what.hasPrefix(
        "made again it has the same pixels and labels, but other PNG files: written with level 9, "
          + "libpng 1.0, zlib 0.9, now with level 9, libpng "))
    #expect(refused.failures[0].fix.hasPrefix("add --accept-pixels to take them"))
    #expect(try content(folder.file("png")) == before)

    let result = try repair("png", acceptsPixels: true)
    #expect(result.failures == [])
    #expect(result.accepted == ["shard-000001.tar", "shard-000002.tar"])
    let new = try Manifest(reading: manifest("png"))
    #expect(result.datasetID == new.datasetID && new.datasetID != old.datasetID)
    #expect(new.shards[0] == old.shards[0])
    for number in 1...2 {
      #expect(new.shards[number].raw == old.shards[number].raw)
      #expect(new.shards[number].sha256 != old.shards[number].sha256)
      #expect(new.shards[number].png == PNGSettings(level: 9))
    }
    #expect(try DataSetCheck(manifest: manifest("png")).findings == [])
    try repack(["png"], to: "back") { $0.form = .raw }
    #expect(try content(folder.file("back")) == content(folder.file("set")))
    // From now on these shards are made again to the bit.
    let whole = try content(folder.file("png"))
    try damage("png")
    #expect(try repair("png").failures == [])
    #expect(try content(folder.file("png")) == whole)
  }

  @Test("other pixels are never taken") func otherPixels() throws {
    try make("set")
    try repack(["set"], to: "png") { $0.form = .png }
    var json = try JSON(parsing: try readFile(manifest("png")), place: "png")
    json["recipe"]?["seed"] = 6
    json["dataset_id"] = nil
    json["dataset_id"] = .string(Digest.sha256(Array(json.canonical.utf8)))
    try AtomicFile.write(json.pretty, to: manifest("png"))
    try damage("png")
    let before = try content(folder.file("png"))
    let result = try repair("png", acceptsPixels: true)
    #expect(result.accepted == [] && result.failures.count == 2)
    #expect(result.failures[0].what.hasPrefix("made again it has SHA-256 "))
    #expect(try content(folder.file("png")) == before)
  }

  @Test(
    "a set of several parents, or of some records, is mended from them and from no others",
    arguments: [PictureForm.raw, .png])
  func fromParents(_ form: PictureForm) throws {
    try make("a")
    try make("b", seed: 6)
    try make("c", seed: 7)
    try repack(["a", "b"], to: "both") {
      $0.form = form
      $0.selection = .init(classes: nil, pick: .sample(18, seed: 3))
    }
    let whole = try content(folder.file("both"))
    try damage("both")
    let before = try content(folder.file("both"))
    let missing = #expect(throws: Problem.self) { try repair("both") }
    let ids = try ["a", "b"].map { try Manifest(reading: manifest($0)).datasetID }
    #expect(
      missing?.what
        == "was repacked from 'a' (dataset_id \(ids[0])), 'b' (dataset_id \(ids[1])), "
        + "which must be given")
    #expect(
      missing?.fix
        == "dcpt-data repair \(manifest("both")) --from a/manifest.json --from b/manifest.json")
    for parents in [["a"], ["a", "c"]] {
      #expect(throws: Problem.self) { try repair("both", from: parents) }
    }
    #expect(try content(folder.file("both")) == before)
    #expect(try repair("both", from: ["b", "a"]).failures == [])
    #expect(try content(folder.file("both")) == whole)
  }

  @Test("imported pairs as PNG are mended from the set of arrays") func imported() throws {
    for (name, salt) in [("lq", 1), ("gt", 0)] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
      for number in 0..<5 {
        try PNGFile.write(
          photo(10 * number + salt, width: 30 + number, height: 24),
          to: folder.file("\(name)/\(number).png"))
      }
    }
    var settings = PairImporter.Settings()
    settings.recordsPerShard = 2
    _ = try PairImporter(
      lq: folder.file("lq"), gt: folder.file("gt"), class: "haze", split: .train, classSet: nil,
      settings: settings, workers: 1
    ).run(into: folder.file("raw"))
    try repack(["raw"], to: "png") { $0.form = .png }
    let whole = try content(folder.file("png"))
    try damage("png")
    let missing = #expect(throws: Problem.self) { try repair("png") }
    #expect(missing?.fix.contains("--from RAW/manifest.json") == true)
    #expect(try repair("png", from: ["raw"]).failures == [])
    #expect(try content(folder.file("png")) == whole)
    let deep = #expect(throws: Problem.self) {
      try SampleCheck(
        manifest: manifest("png"), count: 3, folders: [], depthFolders: [], workers: 1)
    }
    #expect(deep?.what.hasPrefix("holds real pairs") == true)
  }
}
