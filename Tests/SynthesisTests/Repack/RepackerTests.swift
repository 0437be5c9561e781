import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Sets that are written anew.
@Suite struct RepackerTests {
  private let folder = TemporaryFolder()

  private func manifest(_ name: String) -> String { folder.file(name) + "/" + Manifest.fileName }

  /// Makes a set of 5D.
  private func make(
    _ name: String, classes: String = "5d", count: Int = 12, seed: Int = 5, _ more: String = ""
  ) throws {
    let text =
      "name: \(name)\nclasses: \(classes)\ngt_size: 32\ncount: \(count)\nseed: \(seed)\n"
      + "records_per_shard: 4\n" + more
    _ = try Synthesizer(try recipe(text, in: folder), split: .train, workers: 2)
      .run(into: folder.file(name))
  }

  @discardableResult
  private func repack(
    _ names: String..., to out: String, workers: Int = 2,
    _ change: (inout Repacker.Settings) -> Void = { _ in }
  ) throws -> Manifest {
    var settings = Repacker.Settings()
    change(&settings)
    let repacker = try Repacker(names.map(manifest), settings, workers: workers)
    return try #require(try repacker.run(into: folder.file(out)))
  }

  private func pixels(_ reader: RecordReader, _ index: Int) throws -> [[UInt8]] {
    try reader.withPair(index) { lq, gt, _ in [Array(lq), Array(gt)] }
  }

  private func expectIntact(_ name: String) throws {
    for level in CheckLevel.allCases {
      #expect(try DataSetCheck(manifest: manifest(name), level: level).findings == [])
    }
  }

  @Test(
    "raw to PNG and back gives the files of the set, bit for bit, whatever lies between",
    arguments: ["", "planes: [mask, depth]\n"])
  func roundTrip(_ more: String) throws {
    try make("set", more)
    let whole = try content(folder.file("set"))
    let packed = try repack("set", to: "png") { $0.form = .png }
    let original = try Manifest(reading: manifest("set"))
    #expect(packed.datasetID != original.datasetID)
    #expect((packed.recipe, packed.tool) == (original.recipe, original.tool))
    for (png, raw) in zip(packed.shards, original.shards) {
      #expect(png.raw == ShardEntry.Raw(bytes: raw.bytes, sha256: raw.sha256))
      #expect((png.classes, png.records) == (raw.classes, raw.records))
    }
    try expectIntact("png")
    try repack("png", to: "again") { $0.form = .raw }
    #expect(try content(folder.file("again")) == whole)
    // By way of other shards and another level, too.
    try repack("png", to: "other") { ($0.level, $0.recordsPerShard) = (9, 5) }
    try expectIntact("other")
    try repack("other", to: "back") { ($0.form, $0.recordsPerShard) = (.raw, 4) }
    #expect(try content(folder.file("back")) == whole)
  }

  @Test("pixels and labels of a PNG set are those of the set, for any number of workers")
  func pixels() throws {
    try make("set", "planes: [mask]\n")
    try repack("set", to: "png", workers: 1) { $0.form = .png }
    try repack("set", to: "twin", workers: 3) { $0.form = .png }
    #expect(try content(folder.file("png")) == content(folder.file("twin")))
    let (raw, png) = (
      try RecordReader(manifest: manifest("set")), try RecordReader(manifest: manifest("png"))
    )
    for index in 0..<raw.count {
      #expect(try pixels(raw, index) == pixels(png, index))
      var labels = try [raw, png].map { try $0.label(index).json }
      for i in 0..<2 { labels[i]["crc32c"] = nil }
      #expect(labels[0] == labels[1])
      for plane in try raw.label(index).planes {
        #expect(try raw.plane(index, plane) == png.plane(index, plane))
      }
    }
  }

  @Test("other shards hold the same records under the same keys") func reshard() throws {
    try make("set")
    let made = try repack("set", to: "five") { $0.recordsPerShard = 5 }
    #expect(made.shards.map(\.records) == [5, 5, 2])
    #expect(made.shards.map(\.first) == [0, 5, 10])
    try expectIntact("five")
    let (old, new) = (
      try RecordReader(manifest: manifest("set")), try RecordReader(manifest: manifest("five"))
    )
    for index in 0..<12 { #expect(try old.record(index) == new.record(index)) }
    #expect(try Manifest(reading: manifest("set")).recipe == made.recipe)
    // What was made by the recipe in other shards is no set of that recipe to go on with.
    try repack("five", to: "four") { $0.recordsPerShard = 4 }
    #expect(try content(folder.file("four")) == content(folder.file("set")))
    let text =
      "name: set\nclasses: 5d\ngt_size: 32\ncount: 12\nseed: 5\nrecords_per_shard: 4\n"
    let before = try content(folder.file("five"))
    let synthesizer = try Synthesizer(try recipe(text, in: folder), split: .train, workers: 1)
    #expect(throws: Problem.self) {
      try synthesizer.run(into: folder.file("five"), resumes: true)
    }
    #expect(try content(folder.file("five")) == before)
    #expect(try synthesizer.run(into: folder.file("four"))?.datasetID == old.datasetID)
  }

  @Test("sets of other classes are joined by name, and labels say where each record was")
  func merge() throws {
    try make("first", classes: "3d", count: 6)
    try make("second", classes: "5d", count: 10, seed: 6)
    let (a, b) = (
      try RecordReader(manifest: manifest("first")), try RecordReader(manifest: manifest("second"))
    )
    let made = try repack("first", "second", to: "both") { $0.form = .png }
    try expectIntact("both")
    #expect(made.name == "first+second" && made.records == 16)
    let added = b.manifest.classes.filter { !a.manifest.classes.contains($0) }
    #expect(made.classes == a.manifest.classes + added && !added.isEmpty)
    let both = try RecordReader(manifest: manifest("both"))
    for index in 0..<16 {
      let (parent, own) = index < 6 ? (a, index) : (b, index - 6)
      #expect(try pixels(both, index) == pixels(parent, own))
      let (old, new) = (try parent.label(own), try both.label(index))
      #expect(new.className == old.className)
      #expect(made.classes[new.classNumber] == old.className)
      #expect(new.key == Record.key(index) && new.index == index)
      #expect(new.json["origin"]?["dataset_id"]?.string == parent.datasetID)
      #expect(new.json["origin"]?["key"]?.string == old.key)
      var (before, after) = (old.json, new.json)
      for key in ["key", "index", "label", "crc32c", "origin"] {
        (before[key], after[key]) = (nil, nil)
      }
      #expect(before == after)
    }
    let note = try #require(made.recipe["repack"]?["of"]?.array)
    #expect(note.map { $0["dataset_id"]?.string } == [a.datasetID, b.datasetID])
    #expect(note.map { $0["recipe"] } == [a.manifest.recipe, b.manifest.recipe])
    let check = try SampleCheck(
      manifest: manifest("both"), count: 16, folders: [], depthFolders: [], workers: 2)
    #expect(check.findings == [] && check.count == 16)
  }

  @Test("records of some classes keep their class numbers; history is kept over several steps")
  func filter() throws {
    try make("set", count: 25)
    let set = try RecordReader(manifest: manifest("set"))
    let wanted = [set.manifest.classes[3], set.manifest.classes[1]]
    let made = try repack("set", to: "some") {
      $0.selection = RepackSelection(classes: wanted, pick: .all)
    }
    try expectIntact("some")
    let own = try (0..<25).filter { wanted.contains(try set.label($0).className) }
    #expect(made.records == own.count && !own.isEmpty && made.classes == set.manifest.classes)
    let some = try RecordReader(manifest: manifest("some"))
    for (index, old) in own.enumerated() {
      #expect(try pixels(some, index) == pixels(set, old))
      #expect(try some.label(index).classNumber == set.label(old).classNumber)
    }
    let last = try repack("some", to: "last") {
      $0.selection = RepackSelection(classes: nil, pick: .every(2))
    }
    let reader = try RecordReader(manifest: manifest("last"))
    for index in 0..<last.records {
      let origin = try reader.label(index).json["origin"]
      #expect(origin?["dataset_id"]?.string == set.datasetID)
      #expect(origin?["key"]?.string == Record.key(own[2 * index]))
    }
    let parent = last.recipe["repack"]?["of"]?.array?.first
    #expect(parent?["dataset_id"]?.string == some.datasetID)
    let grandparent = parent?["recipe"]?["repack"]?["of"]?.array?.first
    #expect(grandparent?["dataset_id"]?.string == set.datasetID)
    #expect(grandparent?["recipe"] == set.manifest.recipe)
  }

  @Test(
    "a part is the records that it says, in their order",
    arguments: [
      (RepackSelection.Pick.every(5), [0, 5, 10]),
      (.places(ShardList([2, 3, 4, 9])), [2, 3, 4, 9]),
    ])
  func part(_ pick: RepackSelection.Pick, _ expected: [Int]) throws {
    try make("set")
    try repack("set", to: "part") { $0.selection = RepackSelection(classes: nil, pick: pick) }
    let (set, part) = (
      try RecordReader(manifest: manifest("set")), try RecordReader(manifest: manifest("part"))
    )
    #expect(part.count == expected.count)
    for (index, old) in expected.enumerated() {
      #expect(try pixels(part, index) == pixels(set, old))
      #expect(try part.label(index).json["random"] == set.label(old).json["random"])
    }
  }

  @Test("a sample is of so many different records, the same for a seed and others for another")
  func sample() throws {
    try make("set", count: 40)
    func keys(_ seed: UInt64, _ out: String) throws -> [String] {
      try repack("set", to: out) {
        $0.selection = RepackSelection(classes: nil, pick: .sample(10, seed: seed))
      }
      let reader = try RecordReader(manifest: manifest(out))
      return try (0..<reader.count).map {
        try reader.label($0).json["origin"]?["key"]?.string ?? ""
      }
    }
    let (first, again, other) = (try keys(1, "a"), try keys(1, "b"), try keys(2, "c"))
    #expect(first == again && first != other)
    #expect(Set(first).count == 10 && first == first.sorted())
  }

  @Test("shards that a run before finished are kept, others made anew") func restart() throws {
    try make("set")
    try repack("set", to: "png") { $0.form = .png }
    let whole = try content(folder.file("png"))
    func inode(_ file: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: folder.file("png/" + file))[
        .systemFileNumber] as? Int
    }
    // A finished set of which one shard is damaged and one gone.
    let kept = try inode("shard-000000.tar")
    var bytes = try readFile(folder.file("png/shard-000001.tar"))
    bytes[700] ^= 1
    try AtomicFile.write(bytes, to: folder.file("png/shard-000001.tar"))
    unlink(folder.file("png/shard-000002.tar"))
    try repack("set", to: "png") { $0.form = .png }
    #expect(try content(folder.file("png")) == whole)
    #expect(try inode("shard-000000.tar") == kept)
    // An unfinished one: what a killed run leaves.
    let reader = try RecordReader(manifest: manifest("set"))
    let plan = try RepackPlan(
      [reader], .all, png: PNGSettings(level: PNGSettings.defaultLevel), recordsPerShard: nil,
      workers: 1)
    let out = folder.file("killed")
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    do {
      let target = try RepackFolder(out, for: plan)
      for shard in [0, 2] {
        #expect(try RepackJob(shard, plan, target).run { _ in true } != nil)
      }
      #expect(try RepackJob(1, plan, target).run { _ in false } == nil)
    }
    try AtomicFile.write("half", to: out + "/.shard-000001.tar.tmp-1")
    let made = try FileManager.default.attributesOfItem(atPath: out + "/shard-000002.tar")
    try repack("set", to: "killed") { $0.form = .png }
    let after = try FileManager.default.attributesOfItem(atPath: out + "/shard-000002.tar")
    #expect(made[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
    #expect(try content(out) == whole)
  }

  @Test("a folder with anything else is refused and left as it is") func otherFolders() throws {
    try make("set")
    try make("other", seed: 6)
    try repack("set", to: "png") { $0.form = .png }
    let whole = try ["set", "other", "png"].map { try content(folder.file($0)) }
    for out in ["set", "other", "png"] {
      #expect(throws: Problem.self, "\(out)") { try repack("set", to: out) { $0.form = .raw } }
    }
    #expect(throws: Problem.self) { try repack("other", to: "png") { $0.form = .png } }
    #expect(throws: Problem.self) {
      try repack("set", to: "png") { ($0.form, $0.level) = (.png, 6) }
    }
    #expect(try ["set", "other", "png"].map { try content(folder.file($0)) } == whole)
    unlink(manifest("other"))
    let problem = #expect(throws: Problem.self) { try repack("set", to: "other") }
    #expect(problem?.what == "holds shards without a manifest")
    // A set that is being made is nobody else's, and one that is repacked is no synthesis'.
    let reader = try RecordReader(manifest: manifest("set"))
    let plan = try RepackPlan([reader], .all, png: nil, recordsPerShard: nil, workers: 1)
    try FileManager.default.createDirectory(
      atPath: folder.file("held"), withIntermediateDirectories: true)
    let held = try RepackFolder(folder.file("held"), for: plan)
    let busy = #expect(throws: Problem.self) { try repack("set", to: "held") }
    #expect(busy?.what == "is being written by another dcpt-data")
    #expect(throws: Problem.self) { try make("held") }
    held.leave()
    #expect(try content(folder.file("held")).isEmpty)
  }

  @Test("a damaged record stops the work with its place; damage between records is not taken over")
  func damaged() throws {
    try make("set")
    let path = folder.file("set/shard-000001.tar")
    let whole = try readFile(path)
    let entry = try Manifest(reading: manifest("set")).shards[1]
    let stride = try #require(entry.stride)
    var bytes = whole
    bytes[stride + 512 + 128 + 9] ^= 4
    try AtomicFile.write(bytes, to: path)
    let problem = #expect(throws: Problem.self) { try repack("set", to: "a") { $0.form = .png } }
    #expect(problem?.place == path)
    #expect(problem?.what.hasPrefix("record 000000005, member gt.npy at byte ") == true)
    // The last byte of the first picture's padding: no checksum of a record covers it.
    bytes = whole
    let padding = 512 + 128 + 32 * 32 * 3
    bytes[padding] = 1
    try AtomicFile.write(bytes, to: path)
    let packed = try repack("set", to: "a") { $0.form = .png }
    #expect(packed.shards[1].raw?.sha256 == entry.sha256)
    try expectIntact("a")
    #expect(Digest.sha256(try readFile(path)) != entry.sha256)
  }

  @Test("arrays that would not come back from PNG files to the bit stay arrays")
  func foreignArrays() throws {
    try make("set")
    let reader = try RecordReader(manifest: manifest("set"))
    var set = reader.manifest
    let path = folder.file("set/shard-000000.tar")
    var writer = try ShardWriter(path: path)
    for index in 0..<4 {
      var record = try reader.record(index)
      // The same header to NumPy, with a blank in another place.
      let place = try #require(record.members[0].bytes.firstRange(of: Array("False, 's".utf8)))
      record.members[0].bytes.replaceSubrange(place, with: "False ,'s".utf8)
      let label = try record.label(place: "x").json
      try writer.append(
        try #require(record.relabelled(index, label, textSize: set.recordTextSize)))
    }
    set.shards[0] = ShardEntry(
      file: set.shards[0].file, first: 0, classes: set.shards[0].classes,
      result: try writer.finish())
    try set.write(to: manifest("set"))
    try ShardIndex.exportDALI(besideShard: path)
    try DataSetSums.write(set, in: folder.file("set"))
    try expectIntact("set")
    let problem = #expect(throws: Problem.self) { try repack("set", to: "a") { $0.form = .png } }
    #expect(problem?.place == "record 000000000, member gt.npy")
    #expect(problem?.what.hasPrefix("is not written as dcpt-data writes it") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.file("a/shard-000000.tar")))
    try repack("set", to: "b")
    #expect(try Manifest(reading: manifest("b")).shards == set.shards)
  }

  @Test("arrays that are not those that the manifest of PNG files promises are not written")
  func otherRawForm() throws {
    try make("set")
    var packed = try repack("set", to: "png") { $0.form = .png }
    let (first, second) = (packed.shards[0].raw, packed.shards[1].raw)
    (packed.shards[0].raw, packed.shards[1].raw) = (second, first)
    try packed.write(to: manifest("png"))
    let problem = #expect(throws: Problem.self) { try repack("png", to: "a") { $0.form = .raw } }
    #expect(problem?.what.hasPrefix("in the raw form it has SHA-256 ") == true)
    #expect(!FileManager.default.fileExists(atPath: folder.file("a/shard-000000.tar")))
  }

  @Test("what does not go together, or selects nothing, is refused by name") func refusals() throws
  {
    try make("set")
    func problem(_ names: [String], _ change: (inout Repacker.Settings) -> Void) -> Problem? {
      var settings = Repacker.Settings()
      change(&settings)
      return #expect(throws: Problem.self) {
        try Repacker(names.map(manifest), settings, workers: 1)
      }
    }
    #expect(problem(["set", "set"]) { _ in }?.what == "is given twice")
    #expect(problem([]) { _ in } != nil)
    #expect(problem(["set"]) { $0.level = 3 }?.place == "--level")
    let unknown = problem(["set"]) { $0.selection = .init(classes: ["hazy"], pick: .all) }
    #expect(unknown?.what == "no set has the class 'hazy'")
    #expect(unknown?.fix == "did you mean 'haze'?")
    let beyond = problem(["set"]) {
      $0.selection = .init(classes: nil, pick: .sample(13, seed: 0))
    }
    #expect(beyond?.what == "13 records are wanted, there are 12")
    let test = try recipe("classes: 5d\ngt_size: 32\ncount: 5\nseed: 1\n", in: folder)
    _ = try Synthesizer(test, split: .test, workers: 1).run(into: folder.file("test"))
    #expect(
      problem(["set", "test"]) { _ in }?.what
        == "is of the split 'test', the first set of 'train'")
  }
}
