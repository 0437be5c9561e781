import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Sets that are made in parts.
@Suite struct ShardMergeTests {
  private let folder = TemporaryFolder()
  private static let text = """
    classes: 5d
    gt_size: 32
    count: 22
    seed: 5
    records_per_shard: 3

    """

  private func synthesizer(
    _ text: String = text, clean: [String] = [], plan: SetPlan? = nil, split: Split = .train
  ) throws -> Synthesizer {
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    return try Synthesizer(recipe, split: split, workers: 2, plan: plan)
  }

  /// Makes shards as a job of its own does: with nothing but the plan of its folder.
  private func job(_ shards: String, _ text: String = text, clean: [String] = [], into name: String)
    throws
  {
    let out = folder.file(name)
    let made = try synthesizer(text, clean: clean, plan: try SetPlan(in: out))
      .run(shards: try ShardList(shards, place: "--shards"), into: out)
    #expect(made != nil)
  }

  private func merge(_ parts: [String], into name: String) throws -> Manifest {
    try ShardMerge(parts.map(folder.file), into: folder.file(name)).run(workers: 2)
  }

  /// The files of a set, without its plan and the draft's folder.
  private func set(_ name: String) throws -> [String: [UInt8]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file(name))
    return try names.filter { $0 != SetPlan.fileName && $0 != ".dcpt-draft" }
      .reduce(into: [:]) { $0[$1] = try readFile(folder.file(name) + "/" + $1) }
  }

  private func whole(_ text: String = text, clean: [String] = []) throws -> [String: [UInt8]] {
    _ = try synthesizer(text, clean: clean).run(into: folder.file("whole"))
    return try content(folder.file("whole"))
  }

  @Test("parts of generated pictures, in any order, merge to the bytes of one run")
  func generated() throws {
    for shards in ["5...6", "0", "7", "1..<5"] { try job(shards, into: "set") }
    let manifest = try merge(["set"], into: "set")
    let isSame = try set("set") == whole()
    #expect(isSame)
    #expect(manifest.shards.count == 8)
    #expect(try DataSetCheck(manifest: folder.file("set/manifest.json")).findings == [])
    // A part that comes late finds everything done, and a second merge changes nothing.
    try job("2", into: "set")
    _ = try merge(["set"], into: "set")
    let isStill = try set("set") == whole()
    #expect(isStill)
  }

  @Test("parts of photographs in several folders merge to the bytes of one run, set-aside ones too")
  func photographs() throws {
    let clean = try photos(7, in: folder)
    try AtomicFile.write("no picture", to: clean + "/bad.png")
    try PNGFile.write(photo(90, width: 20, height: 20), to: clean + "/small.png")
    let wanted = try whole(clean: [clean])
    let plan = try synthesizer(clean: [clean]).plan
    for name in ["a", "b"] { try plan.write(into: folder.file(name)) }
    // Pictures that come later are none of the plan's.
    try PNGFile.write(photo(91, width: 50, height: 40), to: clean + "/later.png")
    try job("0...2,7", clean: [clean], into: "a")
    try job("3...6", clean: [clean], into: "b")
    let manifest = try merge(["a", "b"], into: "set")
    #expect(manifest.setAside.map(\.file) == ["photos/bad.png", "photos/small.png"])
    let isSame = try set("set") == wanted
    #expect(isSame)
    // The whole run in a planned folder goes by the plan too.
    _ = try synthesizer(clean: [clean], plan: try SetPlan(in: folder.file("a")))
      .run(into: folder.file("a"))
    let isSameAgain = try set("a") == wanted
    #expect(isSameAgain)
  }

  @Test("labels of parts that had less room get the room that one run gives them")
  func widening() throws {
    let path = try photos(5, in: folder)
    let deep =
      path + "/"
      + Array(repeating: String(repeating: "d", count: 200), count: 7).joined(separator: "/")
    try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
    try PNGFile.write(photo(5, width: 50, height: 40), to: deep + "/photo.png")
    let text = ShardMergeTests.text.replacingOccurrences(
      of: "records_per_shard: 3", with: "records_per_shard: 1\nsplits: {train: 1}")
    let wanted = try whole(text, clean: [path])
    let plan = try synthesizer(text, clean: [path]).plan
    let names = (0..<22).map { "part-\($0)" }
    var sizes: Set<Int> = []
    for (number, name) in names.enumerated() {
      try plan.write(into: folder.file(name))
      try job("\(number)", text, clean: [path], into: name)
      let draft = try Draft(folder.file(name), plan: plan, shards: ShardList(0..<1))
      sizes.insert(draft.textSize)
    }
    #expect(sizes == [2048, 4096])
    let manifest = try merge(names, into: "set")
    #expect(manifest.recordTextSize == 4096)
    let isSame = try set("set") == wanted
    #expect(isSame)
  }

  @Test(
    "missing and damaged shards are named in the form that --shards takes, and nothing is sealed")
  func missing() throws {
    try job("0...1,3,5..<8", into: "set")
    var bytes = try readFile(folder.file("set/shard-000001.tar"))
    bytes[3000] ^= 4
    try AtomicFile.write(bytes, to: folder.file("set/shard-000001.tar"))
    let error = #expect(throws: Problem.self) { try merge(["set"], into: "set") }
    #expect(error?.what == "3 of 8 shards are missing: 1...2,4; damaged: 1")
    #expect(error?.fix.contains("--shards 1...2,4,") == true)
    #expect(try set("set")["manifest.json"] == nil)
    try job("1...2,4", into: "set")
    _ = try merge(["set"], into: "set")
    let isSame = try set("set") == whole()
    #expect(isSame)
  }

  @Test("parts of other sets do not merge, and what is no part is named") func strangers() throws {
    try job("0...3", into: "a")
    let other = ShardMergeTests.text.replacingOccurrences(of: "seed: 5", with: "seed: 6")
    try job("4...7", other, into: "b")
    let error = #expect(throws: Problem.self) { try merge(["a", "b"], into: "set") }
    #expect(error?.place == folder.file("b"))
    #expect(error?.what == "has another plan.json than \(folder.file("a"))")
    let none = #expect(throws: Problem.self) { try merge(["a", "c"], into: "set") }
    #expect(none?.what == "has no plan.json, so no part of a set was made there")
    #expect(!FileManager.default.fileExists(atPath: folder.file("set")))
    // Shards of another set in the place of its own are not taken either.
    try FileManager.default.copyItem(
      atPath: folder.file("b/shard-000004.tar"), toPath: folder.file("a/shard-000004.tar"))
    #expect(throws: Problem.self) { try merge(["a"], into: "a") }
  }

  @Test("photographs want a plan first") func unplanned() throws {
    let clean = try photos(4, in: folder)
    let error = #expect(throws: Problem.self) {
      try job("0", clean: [clean], into: "set")
    }
    #expect(error?.what == "has no plan.json, which fixes the pictures for all jobs")
    #expect(error?.fix == "first run the same command with --plan instead of --shards")
    #expect(!FileManager.default.fileExists(atPath: folder.file("set")))
  }

  @Test("a picture that is gone or has changed stops its job and is named; others go on")
  func sources() throws {
    let clean = try photos(6, in: folder)
    let text = ShardMergeTests.text + "splits: {train: 1}\n"
    let wanted = try whole(text, clean: [clean])
    let plan = try synthesizer(text, clean: [clean]).plan
    try plan.write(into: folder.file("set"))
    let victim = clean + "/photo-2.png"
    let original = try readFile(victim)
    unlink(victim)
    let gone = #expect(throws: Problem.self) {
      try job("0...7", text, clean: [clean], into: "set")
    }
    #expect(gone?.place == victim && gone?.what.hasPrefix("cannot be opened: ") == true)
    var changed = original
    changed[changed.count - 30] ^= 1
    try AtomicFile.write(changed, to: victim)
    let other = #expect(throws: Problem.self) {
      try job("0...7", text, clean: [clean], into: "set")
    }
    #expect(other?.place == victim && other?.what.hasPrefix("has changed: its SHA-256 is ") == true)
    // Shards that do without it can be made, and what is there under a final name is whole.
    for shard in 0..<8 { try? job("\(shard)", text, clean: [clean], into: "set") }
    let made = try set("set").filter { $0.key.hasSuffix(".tar") }
    #expect(!made.isEmpty && made.count < 8)
    #expect(made.allSatisfy { wanted[$0.key] == $0.value })
    try AtomicFile.write(original, to: victim)
    try job("0...7", text, clean: [clean], into: "set")
    _ = try merge(["set"], into: "set")
    let isSame = try set("set") == wanted
    #expect(isSame)
  }

  @Test("a shard that is being made is not made twice; others are, and a merge waits for none")
  func locks() throws {
    let plan = try synthesizer().plan
    let out = folder.file("set")
    try plan.write(into: out)
    var busy: Draft? = try Draft(out, plan: plan, shards: ShardList("2...4", place: ""))
    let error = #expect(throws: Problem.self) { try job("0...3", into: "set") }
    #expect(error?.what == "shards 2...3 are being made by another dcpt-data")
    let one = #expect(throws: Problem.self) { try job("4...7", into: "set") }
    #expect(one?.what == "shard 4 is being made by another dcpt-data")
    #expect(throws: Problem.self) { try synthesizer().run(into: out) }
    try job("0...1,5...7", into: "set")
    let merging = #expect(throws: Problem.self) { try merge(["set"], into: "set") }
    #expect(merging?.what == "shards 2...4 are being made by another dcpt-data")
    #expect(busy != nil)
    busy = nil
    try job("2...4", into: "set")
    _ = try merge(["set"], into: "set")
    let isSame = try set("set") == whole()
    #expect(isSame)
  }
}
