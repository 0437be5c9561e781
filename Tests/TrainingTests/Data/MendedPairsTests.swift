import Basics
import Foundation
import Images
import Synthesis
import TestSupport
import Testing

@testable import Records
@testable import Training

/// Sets whose damaged records are made again when they are read.
@Suite struct MendedPairsTests {
  private let folder = TemporaryFolder()
  private var manifest: String { folder.file("set/manifest.json") }
  private static let small = "classes: 5d\ngt_size: 32\ncount: 12\nseed: 5\nrecords_per_shard: 4\n"

  /// What a bit of a record may belong to.
  enum Part: CaseIterable {
    case gtHeader, gt, labelHeader, label, lqHeader, lq

    fileprivate var field: String {
      switch self {
      case .gtHeader, .gt: Record.gtField
      case .labelHeader, .label: Record.textField
      case .lqHeader, .lq: Record.lqField
      }
    }

    /// A byte in the middle of it.
    fileprivate func place(_ member: TarMember) -> Int {
      switch self {
      case .gtHeader, .labelHeader, .lqHeader: member.headerOffset + 4
      case .gt, .label, .lq: member.dataOffset + member.size / 3
      }
    }
  }

  private func make(_ text: String = small, clean: [String] = []) throws {
    let path = folder.file("recipe.yaml")
    try AtomicFile.write(text, to: path)
    var recipe = try Recipe(reading: path)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    _ = try Synthesizer(recipe, split: .train, workers: 2).run(into: folder.file("set"))
  }

  /// Changes the bytes of a record's shard; `change` is given where the record's members lie.
  ///
  /// - Returns: What puts the shard back.
  @discardableResult
  private func change(_ record: Int, _ change: (inout [UInt8], ShardIndex.Entry) throws -> Void)
    throws -> () throws -> Void
  {
    let path = folder.file("set/" + ShardEntry.fileName(record / 4))
    let whole = try readFile(path)
    let index = whole.withUnsafeBytes { ShardIndex(scanning: $0) }
    var bytes = whole
    try change(&bytes, index.records[record % 4])
    try AtomicFile.write(bytes, to: path)
    return { try AtomicFile.write(whole, to: path) }
  }

  @discardableResult
  private func flip(_ record: Int, _ parts: Part...) throws -> () throws -> Void {
    try change(record) { bytes, members in
      for part in parts { bytes[part.place(try #require(members[part.field]))] ^= 4 }
    }
  }

  private func mended(clean: [String] = []) throws -> MendedPairs {
    try MendedPairs(manifest: manifest, mender: SetMender(manifest: manifest, folders: clean))
  }

  /// Two epochs.
  private func batches(
    _ source: any PairSource, _ sampling: TrainingRecipe.Sampling = .init(), threads: Int = 1
  ) throws -> [Batch] {
    let plan = try BatchPlan(
      source, patches: .init(size: 16, batch: 4), seed: 3, sampling: sampling)
    let loader = BatchLoader(plan, threads: threads)
    return try (0..<2 * plan.batchesPerEpoch).map { _ in try loader.next() }
  }

  private func intact(_ sampling: TrainingRecipe.Sampling = .init()) throws -> [Batch] {
    try batches(RecordReader(manifest: manifest), sampling)
  }

  /// The batches without a word about damage.
  private func silent(_ batches: [Batch]) -> [Batch] {
    batches.map {
      var batch = $0
      batch.repaired = []
      return batch
    }
  }

  // MARK: What is made again

  @Test(
    "a flipped bit anywhere in a record changes no batch, for any number of threads",
    arguments: Part.allCases)
  func flippedBit(_ part: Part) throws {
    try make()
    let expected = try intact()
    // The first record of a shard tells where the members of the others lie.
    for record in [4, 6] {
      let restore = try flip(record, part)
      #expect(throws: Problem.self) { try intact() }
      for threads in [1, 2, 3] {
        let found = try batches(mended(), threads: threads)
        #expect(silent(found) == expected)
        let faults = found.flatMap(\.repaired)
        #expect(faults.count == 2)
        #expect(faults.allSatisfy { $0.what.contains("record \(Record.key(record)), member ") })
        #expect(
          faults.allSatisfy { $0.fix == "run 'dcpt-data repair \(manifest)' to mend the file" })
      }
      try restore()
    }
  }

  @Test("an order that looks at classes finds them in damaged labels too") func classes() throws {
    try make()
    var balanced = TrainingRecipe.Sampling()
    balanced.classWeights = .balanced
    let expected = try intact(balanced)
    for record in 0..<12 { try flip(record, .label) }
    // Of the first shard all are damaged, so it needs another intact one to be tried.
    try #require(throws: Problem.self) { try mended() }
    for record in 4..<8 { try flip(record, .label) }
    let found = try batches(mended(), balanced, threads: 2)
    #expect(silent(found) == expected)
    #expect(!found.flatMap(\.repaired).isEmpty)
  }

  @Test("shards whose records differ in size are made again too", arguments: [Part.lq, .lqHeader])
  func noStride(_ part: Part) throws {
    try make(Self.small + "planes: [mask, transmission]\n")
    let expected = try intact()
    try flip(6, part)
    for threads in [1, 3] {
      #expect(try silent(batches(mended(), threads: threads)) == expected)
    }
  }

  @Test("photographs are found where they are now") func photographs() throws {
    let (clean, elsewhere) = (folder.file("photos"), folder.file("moved"))
    try FileManager.default.createDirectory(atPath: clean, withIntermediateDirectories: true)
    for number in 0..<4 {
      let pixels = (0..<3 * 40 * 50).map { Float(($0 * (7 + number)) % 251) / 255 }
      try PNGFile.write(
        Image(width: 50, height: 40, pixels: pixels), to: "\(clean)/\(number).png")
    }
    try make(Self.small + "splits: {train: 1}\n", clean: [clean])
    let expected = try intact()
    try flip(5, .lq)
    #expect(try silent(batches(mended(clean: [clean]))) == expected)
    try FileManager.default.moveItem(atPath: clean, toPath: elsewhere)
    #expect(try silent(batches(mended(clean: [elsewhere]))) == expected)
    let missing = try #require(throws: Problem.self) { try mended(clean: [clean]) }
    #expect(missing.place == clean + "/0.png")
    #expect(
      missing.what
        == "cannot be read; the set was made from it and 3 more files, of which 3 are missing too")
    #expect(missing.fix.contains("--clean"))
  }

  @Test("a part of a mixture is mended, and the batch says so") func mixture() throws {
    try make()
    func mixture(_ set: any PairSource) -> MixedPairs {
      MixedPairs([.init(PaintedPairs(), weight: 1), .init(set, weight: 1)])
    }
    let expected = try batches(mixture(RecordReader(manifest: manifest)))
    try flip(2, .lq)
    let found = try batches(mixture(mended()))
    #expect(silent(found) == expected)
    #expect(!found.flatMap(\.repaired).isEmpty)
  }

  // MARK: What proves it

  @Test("beside a damaged label one picture is enough, and without any nothing is taken")
  func remains() throws {
    try make()
    let expected = try intact()
    for other in [Part.lq, .gt] {
      let restore = try flip(6, .label, other)
      #expect(try silent(batches(mended())) == expected)
      try restore()
    }
    try flip(6, .label, .lq, .gt)
    let problem = try #require(throws: Problem.self) { try batches(mended()) }
    #expect(problem.place == folder.file("set/shard-000001.tar"))
    #expect(problem.what.contains("member json at byte "))
    #expect(
      problem.what.hasSuffix(
        "; made again it has nothing to be compared with, since no member of it is left"))
    #expect(problem.fix == "run 'dcpt-data repair \(manifest)' to mend the file")
  }

  @Test("a record beside an intact label of another content is not taken") func forged() throws {
    try make()
    try change(6) { bytes, members in
      let (text, lq) = (
        try #require(members[Record.textField]), try #require(members[Record.lqField])
      )
      let place = text.dataOffset..<text.dataOffset + text.size
      let forged = String(decoding: bytes[place], as: UTF8.self)
        .replacingOccurrences(of: "\"seed\":5", with: "\"seed\":6")
      bytes.replaceSubrange(
        place, with: try #require(RecordText.resized(Array(forged.utf8), to: text.size)))
      bytes[lq.dataOffset + 500] ^= 1
    }
    let problem = try #require(throws: Problem.self) { try batches(mended()) }
    #expect(
      problem.what.hasSuffix("; made again it has another label than the one that is stored intact")
    )
  }

  // MARK: What is refused before the first batch

  private func rewrite(_ change: (inout Manifest) -> Void) throws {
    var changed = try Manifest(reading: manifest)
    change(&changed)
    try changed.write(to: manifest)
  }

  @Test("a set that comes out otherwise is refused before the first batch") func otherRecipe()
    throws
  {
    try make()
    try rewrite { $0.recipe["seed"] = 6 }
    let problem = try #require(throws: Problem.self) { try mended() }
    #expect(problem.place == manifest)
    #expect(
      problem.what.hasSuffix(
        ", made again to try it, has another label than the one that is stored intact"))
  }

  @Test("real pairs, other forms and longer sets are refused before the first batch")
  func notMade() throws {
    try make()
    let whole = try readFile(manifest)
    try rewrite { $0.recipe["import"] = [:] }
    #expect(
      try #require(throws: Problem.self) { try mended() }.what.hasPrefix("holds real pairs"))
    try AtomicFile.write(whole, to: manifest)
    for change in [
      { $0.fields = ["lq.png": [:]] }, { $0.recipe["count"] = 8 },
    ] as [(inout Manifest) -> Void] {
      try rewrite(change)
      let problem = try #require(throws: Problem.self) { try mended() }
      #expect(problem.what.hasPrefix("is not as 'dcpt-data synth' made it"))
      try AtomicFile.write(whole, to: manifest)
    }
    #expect(throws: Never.self) { try mended() }
  }

  // MARK: Whole runs

  @Test("a run on a damaged set ends with the weights of one on the intact set, and counts")
  func run() throws {
    try make()
    func run(_ data: any PairSource, _ name: String) throws -> [JSON] {
      let tiny = TinyRun(iterations: 6, sampling: ", bad_records: repair")
      try finetune(
        TrainingRun(try tiny.recipe, data: data, folder: folder.file(name), threads: 1))
      return try LogFile.read(folder.file(name + "/log.jsonl"))
    }
    let straight = try run(RecordReader(manifest: manifest), "intact")
    #expect(straight.compactMap { $0["repaired_records"]?.double } == [0, 0, 0, 0, 0, 0])
    try flip(3, .lq)
    try flip(9, .label)
    let counts = try run(mended(), "damaged").compactMap { $0["repaired_records"]?.double }
    #expect(counts.count == 6 && counts.reduce(0, +) == 4)
    for name in ["weights.safetensors", "classifier.safetensors"] {
      #expect(
        try readFile(folder.file("intact/" + name)) == readFile(folder.file("damaged/" + name)))
    }
  }
}
