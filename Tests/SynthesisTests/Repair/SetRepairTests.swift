import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

@Suite struct SetRepairTests {
  private let folder = TemporaryFolder()
  private static let small = "classes: 5d\ngt_size: 32\ncount: 12\nseed: 5\nrecords_per_shard: 4\n"
  private static let all = "splits: {train: 1}\n"

  private var out: String { folder.file("set") }
  private var manifest: String { folder.file("set/manifest.json") }

  private func make(_ text: String = small, clean: [String] = []) throws {
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    _ = try Synthesizer(recipe, split: .train, workers: 2).run(into: out)
  }

  private func repair(clean: [String] = [], depth: [String] = []) throws -> SetRepair.Result {
    let repair = try SetRepair(manifest: manifest, workers: 2)
    return try repair.restore(
      try repair.damagedShards(), folders: clean, depthFolders: depth)
  }

  /// Damages the second shard and removes the third.
  private func damage() throws {
    var bytes = try readFile(out + "/shard-000001.tar")
    bytes[3000] ^= 1
    try AtomicFile.write(bytes, to: out + "/shard-000001.tar")
    unlink(out + "/shard-000002.tar")
  }

  @Test(
    "damaged and missing shards are made again from every kind of recipe",
    arguments: [
      "", "planes: [mask, depth]\n", "gt_usm: true\n", "clean: {pictures: 3, textures: 0.5}\n",
      "depth: {kind: constant, value: 0.5}\n", "patch: {use_rot: true, flat_share: 1}\n",
      "degradations: {haze: {levels: [0.2, 0.9]}, low-light: {weight: 3}}\n",
    ])
  func generated(_ more: String) throws {
    try make(Self.small + more)
    let whole = try content(out)
    try damage()
    #expect(try repair().restored == ["shard-000001.tar", "shard-000002.tar"])
    #expect(try content(out) == whole)
  }

  @Test("shards that another process makes are not mended; later they are, and nothing is left")
  func locked() throws {
    try make()
    let whole = try content(out)
    try damage()
    try AtomicFile.write("half", to: out + "/.shard-000001.tar.tmp-1")
    do {
      let synth = try ShardLocks(ShardList(2..<3), of: out)
      let error = #expect(throws: Problem.self) { try repair() }
      #expect(
        error
          == Problem(out, "shard 2 is being made by another dcpt-data", fix: "wait until it ends"))
      withExtendedLifetime(synth) {}
    }
    #expect(try repair().restored == ["shard-000001.tar", "shard-000002.tar"])
    #expect(try content(out) == whole)
  }

  @Test("a set of photographs is made again from them, wherever they are now")
  func photographs() throws {
    let clean = try photos(5, in: folder)
    let elsewhere = folder.file("elsewhere/renamed")
    for text in [
      Self.small + Self.all + "patch: {scale: [1, 1.2]}\n",
      "classes: 5d\ngt_size: 32\nsampling: grid\nlevels: [0.5]\nrecords_per_shard: 9\n" + Self.all,
    ] {
      try make(text, clean: [clean])
      let whole = try content(out)
      try damage()
      try FileManager.default.createDirectory(
        atPath: folder.file("elsewhere"), withIntermediateDirectories: true)
      try FileManager.default.moveItem(atPath: clean, toPath: elsewhere)
      #expect(try repair(clean: [elsewhere]).failures == [])
      #expect(try content(out) == whole)
      try FileManager.default.moveItem(atPath: elsewhere, toPath: clean)
      try FileManager.default.removeItem(atPath: out)
    }
  }

  @Test("a set with given depth maps needs them too") func depthMaps() throws {
    let clean = try photos(3, in: folder)
    let maps = folder.file("maps")
    try FileManager.default.createDirectory(atPath: maps, withIntermediateDirectories: true)
    for number in 0..<3 {
      let (width, height) = (40 + number, 40)
      let values = (0..<width * height).map { Float($0 % width) / Float(width) }
      try AtomicFile.write(
        NPYArray.file(values, shape: [height, width]), to: "\(maps)/photo-\(number).npy")
    }
    try make(
      Self.small + Self.all
        + "depth: {kind: given, folders: [\(maps)], encoding: {kind: distance}}\n",
      clean: [clean])
    let whole = try content(out)
    try damage()
    #expect(try repair(clean: [clean], depth: [maps]).failures == [])
    #expect(try content(out) == whole)
  }

  @Test("intact shards keep their files, and an intact set is left alone") func untouched() throws {
    try make()
    func identity(_ name: String) throws -> Int? {
      let attributes = try FileManager.default.attributesOfItem(atPath: out + "/" + name)
      return attributes[.systemFileNumber] as? Int
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: out)
    let before = try names.map(identity)
    #expect(try repair().restored == [])
    #expect(try names.map(identity) == before)
    let first = try identity("shard-000000.tar")
    try damage()
    _ = try repair()
    #expect(try identity("shard-000000.tar") == first)
  }

  @Test("indexes, the list of digests and the manifest's blanks are restored") func beside() throws
  {
    try make()
    let whole = try content(out)
    unlink(out + "/shard-000000.idx")
    try AtomicFile.write("v1.2 0\n", to: out + "/shard-000001.idx")
    let text = String(decoding: try readFile(manifest), as: UTF8.self)
    try AtomicFile.write(text + "\n", to: manifest)
    #expect(
      try repair().restored == ["shard-000000.idx", "shard-000001.idx", Manifest.fileName])
    #expect(try content(out) == whole)
    try AtomicFile.write("nothing\n", to: out + "/" + DataSetSums.fileName)
    #expect(try repair().restored == [DataSetSums.fileName])
    #expect(try content(out) == whole)
  }

  @Test("a shard that comes out otherwise is left as it is, and the reason is named")
  func otherDigest() throws {
    try make()
    let version = "\"version\": \"\(Provenance.version)\""
    let text = String(decoding: try readFile(manifest), as: UTF8.self)
      .replacingOccurrences(of: "\"seed\": 5", with: "\"seed\": 6")
      .replacingOccurrences(of: version, with: "\"version\": \"0.0.1\"")
    var json = try JSON(parsing: text.utf8, place: "m")
    json["dataset_id"] = nil
    json["dataset_id"] = .string(Digest.sha256(Array(json.canonical.utf8)))
    try AtomicFile.write(json.pretty, to: manifest)
    try damage()
    let before = try content(out)
    let result = try repair()
    #expect(result.restored == [])
    #expect(result.failures.map(\.place) == [1, 2].map { out + "/shard-00000\($0).tar" })
    #expect(result.failures[0].what.hasPrefix("made again it has SHA-256 "))
    #expect(result.failures[0].fix.contains("0.0.1"))
    #expect(try content(out) == before)
  }

  @Test("what is needed and not there is named, and nothing is lost") func missing() throws {
    let clean = try photos(4, in: folder)
    try make(Self.small + Self.all, clean: [clean])
    let whole = try content(out)
    try damage()
    let before = try content(out)
    let few = #expect(throws: Problem.self) { try repair(clean: [clean, clean]) }
    #expect(few?.what == "2 folders are given, the set was made from 1")
    let gone = try repair(clean: ["/nowhere"])
    #expect(gone.failures.count == 2)
    #expect(gone.failures[0].what.hasPrefix("needs /nowhere/photo-"))
    for number in 0..<4 {
      try PNGFile.write(photo(9, width: 50, height: 50), to: "\(clean)/photo-\(number).png")
    }
    let changed = try repair(clean: [clean])
    #expect(changed.failures[0].what.hasPrefix("needs \(clean)/photo-"))
    #expect(changed.failures[0].what.contains("has changed: its SHA-256 is "))
    #expect(try content(out) == before)
    for number in 0..<4 {
      try PNGFile.write(
        photo(number, width: 40 + number, height: 40), to: "\(clean)/photo-\(number).png")
    }
    #expect(try repair(clean: [clean]).failures == [])
    #expect(try content(out) == whole)
  }

  @Test("a damaged manifest is refused, since nothing else says what the shards must be")
  func damagedManifest() throws {
    try make()
    let text = String(decoding: try readFile(manifest), as: UTF8.self)
    try AtomicFile.write(
      text.replacingOccurrences(of: "\"seed\": 5", with: "\"seed\": 6"), to: manifest)
    let problem = #expect(throws: Problem.self) { try repair() }
    #expect(problem?.what.hasPrefix("its dataset_id is ") == true)
  }

  @Test("every recipe of the repository reads back from its manifest's form") func recipes() throws
  {
    let root =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path + "/manifests/"
    let names = try FileManager.default.contentsOfDirectory(atPath: root).filter {
      $0.hasSuffix(".yaml") && !$0.contains("pretrain") && !$0.contains("finetune")
    }
    #expect(names.count > 10)
    for name in names {
      var recipe = try Recipe(reading: root + name)
      #expect(try Recipe(resolved: recipe.json, place: name).json == recipe.json, "\(name)")
      try recipe.override(folders: ["a/b", "c"], count: nil, seed: nil, size: nil)
      #expect(try Recipe(resolved: recipe.json, place: name).json == recipe.json, "\(name)")
    }
  }
}
