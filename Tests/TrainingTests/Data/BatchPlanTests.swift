import Basics
import Records
import TestSupport
import Testing

@testable import Training

/// Batches as a pure function of seed, epoch and position: of threads, ranks and restarts nothing is seen.
@Suite struct BatchPlanTests {
  private static let patches = TrainingRecipe.Patches(size: 16, batch: 4)

  private func plan(
    _ source: any PairSource = PaintedPairs(count: 14), sampling: TrainingRecipe.Sampling = .init(),
    rank: BatchPlan.Rank = .only, seed: UInt64 = 3
  ) throws -> BatchPlan {
    try BatchPlan(source, patches: Self.patches, seed: seed, sampling: sampling, rank: rank)
  }

  private func batches(_ plan: BatchPlan, _ count: Int, from first: Int = 0, threads: Int = 1)
    throws
    -> [Batch]
  {
    let loader = BatchLoader(plan, startingAt: first, threads: threads)
    return try (0..<count).map { _ in try loader.next() }
  }

  /// The orders that a recipe can ask for.
  private static let samplings: [TrainingRecipe.Sampling] = {
    var (pools, balanced) = (TrainingRecipe.Sampling(), TrainingRecipe.Sampling())
    pools.pool = 2
    balanced.classWeights = .balanced
    return [TrainingRecipe.Sampling(), pools, balanced, withTail]
  }()

  /// The records that do not fill a last batch are a short one.
  private static let withTail: TrainingRecipe.Sampling = {
    var sampling = TrainingRecipe.Sampling()
    sampling.dropsLast = false
    return sampling
  }()

  private static let sources: [any PairSource] = [
    PaintedPairs(count: 14, perShard: 3),
    MixedPairs([
      .init(PaintedPairs(count: 5), weight: 2), .init(PaintedPairs(count: 9), weight: 1),
    ]),
  ]

  @Test("a batch is what the definition says, computed in another way") func definition() throws {
    let source = PaintedPairs(count: 14)
    let found = try batches(plan(source), 7)
    for (number, batch) in found.enumerated() {
      let epoch = number / 3
      let order = IndexPermutation(count: 14, seed: 3, epoch: epoch)
      for slot in 0..<4 {
        let position = number % 3 * 4 + slot
        let index = order[position]
        #expect(batch.keys[slot] == "key\(index)")
        #expect(batch.labels[slot] == index % 3)
        var random = RandomStream(
          seed: 3, index: UInt64(epoch) << 40 | UInt64(position), stream: 0x6175_676D)
        let (x, y) = (random.integer(below: 9), random.integer(below: 9))
        let (flip, turns) = (random.chance(0.5), random.integer(below: 4))
        try source.readPair(index) { pair in
          let patch = batch.lq.floats[slot * 768..<(slot + 1) * 768]
          #expect(patch.elementsEqual(slowPatch(pair.lq, x, y, flip, turns)))
        }
      }
    }
  }

  /// Pixel by pixel from the patch to its source.
  private func slowPatch(
    _ picture: UnsafeBufferPointer<UInt8>, _ x: Int, _ y: Int, _ flip: Bool, _ turns: Int
  ) -> [Float] {
    (0..<16).flatMap { i in
      (0..<16).flatMap { j in
        let (row, turned) = [(i, j), (j, 15 - i), (15 - i, 15 - j), (15 - j, i)][turns]
        let column = flip ? 15 - turned : turned
        return (0..<3).map { Float(picture[((y + row) * 24 + x + column) * 3 + $0]) / 255 }
      }
    }
  }

  @Test("1, 2, 3 and 7 threads give the same batches in every order")
  func threads() throws {
    for source in Self.sources {
      for sampling in Self.samplings {
        let plan = try plan(source, sampling: sampling)
        let expected = try batches(plan, 10)
        for threads in [2, 3, 7] {
          #expect(try batches(plan, 10, threads: threads) == expected)
        }
      }
    }
  }

  @Test("the parts of 1, 2 and 4 ranks, one after the other, are the same batches in every order")
  func ranks() throws {
    for source in Self.sources {
      for sampling in Self.samplings {
        let whole = try batches(plan(source, sampling: sampling), 8)
        for count in [1, 2, 4] {
          let parts = try (0..<count).map { number in
            try batches(plan(source, sampling: sampling, rank: .init(number, of: count)), 8)
          }
          for (t, batch) in whole.enumerated() {
            #expect(parts.flatMap { $0[t].keys } == batch.keys)
            #expect(parts.flatMap { $0[t].labels } == batch.labels)
            #expect(parts.flatMap { $0[t].lq.floats } == batch.lq.floats)
            #expect(parts.flatMap { $0[t].gt.floats } == batch.gt.floats)
          }
        }
      }
    }
  }

  @Test("the records that do not fill a last batch come in a short one, and every record once")
  func shortBatch() throws {
    let found = try batches(plan(sampling: Self.withTail), 8)
    #expect(found.map(\.count) == [4, 4, 4, 2, 4, 4, 4, 2])
    for epoch in [found[..<4], found[4...]] {
      #expect(epoch.flatMap(\.keys).sorted() == (0..<14).map { "key\($0)" }.sorted())
    }
    #expect(found.allSatisfy { $0.lq.count == $0.count * 16 * 16 * 3 })
    #expect(try Array(found[..<3]) == batches(plan(), 3))
    let small = try plan(PaintedPairs(count: 3), sampling: Self.withTail)
    #expect(try batches(small, 2).map(\.count) == [3, 3])
  }

  @Test("a short batch is shared as evenly as can be, and some ranks get none of it")
  func shortBatchOfRanks() throws {
    func counts(_ records: Int) throws -> [Int] {
      try (0..<4).map { number in
        let plan = try plan(
          PaintedPairs(count: records), sampling: Self.withTail, rank: .init(number, of: 4))
        return try batches(plan, plan.batchesPerEpoch).last?.count ?? -1
      }
    }
    #expect(try counts(13).sorted() == [0, 0, 0, 1])
    #expect(try counts(14).sorted() == [0, 0, 1, 1])
    #expect(try counts(15).sorted() == [0, 1, 1, 1])
    #expect(try counts(16) == [1, 1, 1, 1])
  }

  @Test("a batch that the ranks cannot share is refused") func unevenRanks() throws {
    let problem = try #require(throws: Problem.self) { try plan(rank: .init(0, of: 3)) }
    #expect(problem.what == "is 4, which rank 0 of 3 cannot share")
    #expect(throws: Problem.self) { try plan(rank: .init(2, of: 2)) }
  }

  @Test("resuming at every position of two epochs equals going straight through")
  func resumeEverywhere() throws {
    for source in Self.sources {
      for sampling in Self.samplings {
        let plan = try plan(source, sampling: sampling)
        let all = try batches(plan, 7)
        let loader = BatchLoader(plan)
        for done in 0..<7 {
          let text = loader.state.json.compact
          let state = try #require(LoaderState(JSON(parsing: text.utf8, place: "state")))
          let first = try plan.number(after: state)
          #expect(try batches(plan, 7 - done, from: first, threads: 2) == Array(all[done...]))
          _ = try loader.next()
        }
      }
    }
  }

  @Test("the state is a few integers, and resuming far on costs nothing") func state() throws {
    let plan = try plan()
    let state = plan.state(before: 3_000_000_002)
    #expect(state.epoch == 1_000_000_000)
    #expect(state.position == 8)
    #expect(state.json.compact.utf8.count < 300)
    #expect(try plan.number(after: state) == 3_000_000_002)
  }

  @Test(
    "a plan of other data or another batch goes on in the same epoch, at the same place or before")
  func nearState() throws {
    let state = try plan().state(before: 5)
    #expect((state.epoch, state.position) == (1, 8))
    func near(_ records: Int, batch: Int) throws -> LoaderState {
      let plan = try BatchPlan(
        PaintedPairs(count: records), patches: .init(size: 16, batch: batch), seed: 4)
      return plan.state(before: plan.number(near: state))
    }
    for (records, batch, position) in [(14, 4, 8), (14, 2, 8), (14, 3, 6), (14, 5, 5), (5, 4, 0)] {
      let found = try near(records, batch: batch)
      #expect((found.epoch, found.position) == (1, position))
    }
  }

  @Test("a state of other data, seed, batch or patches is refused by name")
  func otherState() throws {
    let state = try plan().state(before: 5)
    func refusal(_ plan: BatchPlan) throws -> String {
      try #require(throws: Problem.self) { try plan.number(after: state) }.what
    }
    #expect(
      try refusal(plan(PaintedPairs(count: 14, datasetID: "other")))
        == "has dataset_id painted, the run has other")
    #expect(try refusal(plan(seed: 4)) == "has seed 3, the run has 4")
    let wider = try BatchPlan(PaintedPairs(count: 14), patches: .init(size: 16, batch: 2), seed: 3)
    #expect(try refusal(wider) == "has global_batch 4, the run has 2")
    #expect(try refusal(plan(sampling: Self.samplings[1])).hasPrefix("has settings"))
    #expect(try refusal(plan(sampling: Self.withTail)).hasPrefix("has settings"))
    // States from before there was a choice leave the last batch out.
    #expect(state.settings["sampling"]?["drop_last"] == nil)
    var bent = state.json
    bent["position"] = 3
    let broken = try #require(LoaderState(bent))
    let problem = try #require(throws: Problem.self) { try plan().number(after: broken) }
    #expect(problem.what == "has position 3, which is no place where a batch begins")
    bent["epoch"] = "1"
    #expect(LoaderState(bent) == nil)
  }

  @Test("a damaged record is skipped where that is allowed: another stands in, and it is counted")
  func skipping() throws {
    var sampling = TrainingRecipe.Sampling()
    sampling.badRecords = .skip
    let source = PaintedPairs(count: 12, broken: 7)
    let found = try batches(plan(source, sampling: sampling), 6)
    let expected = try batches(plan(PaintedPairs(count: 12)), 6)
    #expect(
      found.flatMap(\.skipped).map(\.place) == [
        "shard-000000.tar: record 7", "shard-000000.tar: record 7",
      ])
    for (a, b) in zip(found, expected) {
      #expect(a.count == 4)
      for (mine, theirs) in zip(a.keys, b.keys) {
        #expect(theirs == "key7" ? mine != "key7" : mine == theirs)
      }
    }
    for count in [2, 3] {
      #expect(try batches(plan(source, sampling: sampling), 6, threads: count) == found)
    }
  }

  @Test("a set in which every record is damaged is not skipped for ever") func allDamaged() throws {
    var sampling = TrainingRecipe.Sampling()
    sampling.badRecords = .skip
    let problem = try #require(throws: Problem.self) {
      try batches(plan(PaintedPairs(count: 12, side: 8), sampling: sampling), 1)
    }
    #expect(problem.what.hasPrefix("9 records in a row are damaged"))
  }

  @Test("the memory of batches is used again") func memory() throws {
    let loader = BatchLoader(try plan(), ahead: 2)
    var addresses: Set<UnsafeMutablePointer<Float>> = []
    for _ in 0..<50 { addresses.insert(try loader.next().lq.pointer) }
    // Two ahead, one being cut, one in hand, one given back; each has two buffers that may change places.
    #expect(addresses.count <= 10)
  }
}
