import Basics
import Degradations
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Every degradation of the catalog, alone and in chains, through the whole of synthesis.
@Suite("The whole catalog as a set") struct CatalogSetTests {
  /// What a set is made from, and where physics is computed.
  struct Case: Sendable, CustomTestStringConvertible {
    let isPhotos: Bool
    let space: Image.Space
    var testDescription: String { "\(isPhotos ? "photographs" : "dead leaves"), \(space.rawValue)" }

    static let all = [true, false].flatMap { isPhotos in
      [Image.Space.linear, .srgb].map { Case(isPhotos: isPhotos, space: $0) }
    }
  }

  private static let names = DegradationCatalog.all.map { $0.name }
  /// Enough that each degradation comes up; not a multiple of the records of a shard.
  private static let count = Effort.repeats(64, proof: 252)
  private let folder = TemporaryFolder()

  private func recipe(_ what: Case, count: Int = count) throws -> Recipe {
    let text = catalogRecipe(
      Self.names, count: count, "space: \(what.space.rawValue)\nsplits: {train: 1}")
    var recipe = try SynthesisTests.recipe(text, in: folder)
    let clean = what.isPhotos ? [try photos(5, in: folder, side: 60)] : []
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    return recipe
  }

  @discardableResult
  private func make(_ recipe: Recipe, into name: String, workers: Int = 2) throws -> Manifest {
    let synthesizer = try Synthesizer(recipe, split: .train, workers: workers)
    return try #require(try synthesizer.run(into: folder.file(name)))
  }

  @Test("one, two and seven workers write the same bytes", arguments: Case.all)
  func workers(_ what: Case) throws {
    let recipe = try recipe(what)
    try make(recipe, into: "1", workers: 1)
    let first = try content(folder.file("1"))
    for workers in [2, 7] {
      try make(recipe, into: "\(workers)", workers: workers)
      let isSame = try content(folder.file("\(workers)")) == first
      #expect(isSame, "\(workers) workers")
    }
  }

  @Test(
    "a set is intact, has every degradation, and each record is made again from its label's text")
  func labels() throws {
    var lengths: Set<Int> = []
    for what in Case.all {
      let recipe = try recipe(what)
      try make(recipe, into: what.testDescription)
      let path = folder.file(what.testDescription + "/manifest.json")
      #expect(try DataSetCheck(manifest: path).findings == [])
      let reader = try RecordReader(manifest: path)
      var seen: Set<String> = []
      for index in 0..<reader.count {
        let label = try reader.label(index).json
        // Written and read once more: nothing but the text counts.
        let text = try JSON(parsing: Array(label.compact.utf8), place: "label")
        let steps = text["chain"]?.array ?? []
        lengths.insert(steps.count)
        seen.formUnion(steps.compactMap { $0["op"]?.string })
        let replay = try Replay(text, place: "record").render(folders: recipe.folders)
        // Compared apart, so that a failure does not print every pixel.
        let isStored = try reader.withPair(index) { lq, gt, _ in
          replay.isSame && replay.lq.bytes == Array(lq) && replay.gt.bytes == Array(gt)
        }
        #expect(isStored, "\(what) \(index): \(text["chain"]?.compact ?? "")")
      }
      #expect(seen == Set(Self.names), "\(what) lacks \(Set(Self.names).subtracting(seen))")
    }
    #expect(lengths == [1, 2, 3, 4])
  }

  @Test("records made alone, from last to first or in any order are those of the set")
  func order() throws {
    for what in Case.all {
      let recipe = try recipe(what)
      let manifest = try make(recipe, into: what.testDescription)
      let source = try CleanSource(recipe, split: .train, workers: 1)
      let planner = RecordPlanner(recipe, .train, source)
      let size = manifest.recordTextSize
      let numbers = Array(0..<Self.count)
      var random = RandomStream(seed: 6)
      let mixed = numbers.map { ($0, random.next32()) }.sorted { $0.1 < $1.1 }.map(\.0)
      var alone: [Int: Record] = [:]
      for index in numbers {
        var maker = RecordMaker(planner, textSize: size)
        alone[index] = try maker.record(index)
      }
      try requireShards(alone, manifest, what.testDescription)
      for (name, order) in [("reversed", Array(numbers.reversed())), ("mixed", mixed)] {
        var made: [Int: Record] = [:]
        var maker = RecordMaker(planner, textSize: size)
        for index in order { made[index] = try maker.record(index) }
        #expect(made.count == numbers.count, "\(name)")
        try requireShards(made, manifest, what.testDescription)
      }
    }
  }

  /// Puts records into shards and compares these with those of a set, byte for byte.
  private func requireShards(_ records: [Int: Record], _ manifest: Manifest, _ set: String) throws {
    var next = 0
    for shard in manifest.shards {
      let path = folder.file("again.tar")
      var writer = try ShardWriter(path: path)
      for index in next..<next + shard.records {
        try writer.append(try #require(records[index]))
      }
      next += shard.records
      _ = try writer.finish()
      let isSame = try readFile(path) == readFile(folder.file("\(set)/\(shard.file)"))
      #expect(isSame, "\(set), \(shard.file)")
    }
    #expect(next == records.count)
  }

  @Test("a smaller count gives the first records of the larger set", arguments: Case.all)
  func prefix(_ what: Case) throws {
    try make(try recipe(what), into: "whole")
    try make(try recipe(what, count: 23), into: "part")
    let whole = try RecordReader(manifest: folder.file("whole/manifest.json"))
    let part = try RecordReader(manifest: folder.file("part/manifest.json"))
    #expect(part.count == 23)
    for index in 0..<part.count {
      #expect(try part.label(index).json == whole.label(index).json)
      let pairs = try [part, whole].map { reader in
        try reader.withPair(index) { lq, gt, _ in [Array(lq), Array(gt)] }
      }
      let isSame = pairs[0] == pairs[1]
      #expect(isSame, "record \(index)")
    }
    for number in 0..<4 {
      let name = String(format: "/shard-%06d.tar", number)
      let isSame = try readFile(folder.file("part" + name)) == readFile(folder.file("whole" + name))
      #expect(isSame)
    }
  }

  @Test("what a killed run leaves is finished to the same bytes", arguments: Case.all)
  func killed(_ what: Case) throws {
    let recipe = try recipe(what)
    try make(recipe, into: "set", workers: 1)
    let set = folder.file("set")
    let whole = try content(set)
    // Four shards are whole, one without its index; the next is cut under its final name, as after a
    // crash of the machine; of the fifth there is a half under a passing name; no manifest yet.
    try unseal(set, try Synthesizer(recipe, split: .train, workers: 1).plan)
    let fifth = try readFile(set + "/shard-000005.tar")
    try AtomicFile.write(Array(fifth.prefix(9000)), to: set + "/.shard-000005.tar.tmp-999999999")
    let fourth = try readFile(set + "/shard-000004.tar")
    try AtomicFile.write(Array(fourth.prefix(fourth.count - 4096)), to: set + "/shard-000004.tar")
    unlink(set + "/shard-000003.idx")
    for name in whole.keys where !name.hasPrefix("shard-00000") { unlink("\(set)/\(name)") }
    for number in 5..<10 {
      for kind in ["tar", "idx"] { unlink(String(format: "\(set)/shard-%06d.\(kind)", number)) }
    }
    let kept = try fileNumber(set + "/shard-000000.tar")
    try make(recipe, into: "set", workers: 7)
    let isSame = try content(set) == whole
    #expect(isSame)
    #expect(try fileNumber(set + "/shard-000000.tar") == kept)
  }

  private func fileNumber(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
  }
}
