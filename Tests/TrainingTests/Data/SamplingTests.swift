import Basics
import Testing

@testable import Training

/// What is drawn how often, and how well it is mixed.
@Suite struct SamplingTests {
  private func indices(_ order: any RecordOrder, epochs: Range<Int>) throws -> [Int] {
    try epochs.flatMap { try order.records(epoch: $0, places: 0..<order.count) }
  }

  private func sampling(_ change: (inout TrainingRecipe.Sampling) -> Void)
    -> TrainingRecipe.Sampling
  {
    var sampling = TrainingRecipe.Sampling()
    change(&sampling)
    return sampling
  }

  @Test("balanced drawing gives every class the same, within chance") func balanced() throws {
    let source = PaintedPairs(count: 60, classes: ["a", "b", "c", "d"], perShard: 7)
    let order = try sampling { $0.classWeights = .balanced }.order(of: source, seed: 5)
    let found = try indices(order, epochs: 0..<100)
    let counts = (0..<4).map { kind in found.count { source.classNumber($0) == kind } }
    // 6,000 draws with probability 1/4: a standard deviation is 33.5, five are allowed.
    #expect(counts.allSatisfy { abs($0 - 1500) < 168 }, "\(counts)")
    #expect(Set(found).count == 60)
  }

  @Test(
    "given weights hold whatever the set holds of each class, and a class without one is left out")
  func given() throws {
    let source = PaintedPairs(count: 90, perShard: 10, sorted: true)
    let weights = TrainingRecipe.Sampling.ClassWeights.given(["bright": 3, "dark": 1])
    let order = try sampling { $0.classWeights = weights }.order(of: source, seed: 5)
    let found = try indices(order, epochs: 0..<40)
    let counts = (0..<3).map { kind in found.count { source.classNumber($0) == kind } }
    // 3,600 draws with probability 3/4: a standard deviation is 26, five are allowed.
    #expect(abs(counts[0] - 2700) < 130 && counts[1] == 0, "\(counts)")
    // Within a class every record is as likely: 30 records, 90 draws each, deviation 9.3.
    let first = (0..<90).filter { source.classNumber($0) == 0 }
    let each = first.map { index in found.count { $0 == index } }
    #expect(each.allSatisfy { abs($0 - 90) < 47 }, "\(each)")
  }

  @Test("a weight for a class that the data lack is refused, with the nearest name")
  func unknownClass() throws {
    let order = sampling { $0.classWeights = .given(["brigt": 1]) }
    let problem = try #require(throws: Problem.self) {
      try order.order(of: PaintedPairs(), seed: 1)
    }
    #expect(problem.what == "class 'brigt' is not one of the data's: bright, dim, dark")
    #expect(problem.fix == "did you mean 'bright'?")
  }

  @Test("pools cost quality, which is measured") func quality() throws {
    let source = PaintedPairs(
      count: 2000, classes: ["a", "b", "c", "d", "e"], perShard: 25, sorted: true)
    func quality(_ pool: Int) throws -> ShuffleQuality {
      let plan = try BatchPlan(
        source, patches: .init(size: 16, batch: 16), seed: 7, sampling: sampling { $0.pool = pool })
      return try ShuffleQuality(plan, batches: 125)
    }
    let (full, wide, narrow) = (try quality(0), try quality(16), try quality(4))
    // 80 shards x (1 - (79 / 80)^16) = 14.584.
    #expect(abs(full.bestShards - 14.584) < 0.001)
    #expect(abs(full.shards - full.bestShards) < 0.4)
    #expect(abs(full.imbalance - 1) < 0.2)
    #expect(full.shards > wide.shards + 2 && wide.shards > narrow.shards + 2)
    #expect(wide.imbalance > 1.25 && narrow.imbalance > 2 * wide.imbalance)
  }

  @Test("a mixture gives each set its share in every thousand, and goes through each set in turn")
  func mixture() throws {
    let parts = [PaintedPairs(count: 300), PaintedPairs(count: 50), PaintedPairs(count: 700)]
    let mixture = MixedPairs(zip(parts, [5, 3, 2]).map { .init($0, weight: Double($1)) })
    #expect(mixture.count == 1050)
    let order = try TrainingRecipe.Sampling().order(of: mixture, seed: 5)
    let found = try indices(order, epochs: 0..<20)
    for first in stride(from: 0, to: 21_000, by: 1000) {
      let thousand = found[first..<first + 1000]
      #expect(thousand.count { $0 < 300 } == 500)
      #expect(thousand.count { 300..<350 ~= $0 } == 300)
    }
    // Each pass over the small set has every record once.
    let small = found.filter { 300..<350 ~= $0 }
    for first in stride(from: 0, to: small.count - 50, by: 50) {
      #expect(Set(small[first..<first + 50]).count == 50)
    }
    #expect(Array(small[..<50]) != Array(small[50..<100]))
  }

  @Test("the quality of a mixture counts in its weights") func mixtureQuality() throws {
    let mixture = MixedPairs([
      .init(PaintedPairs(count: 600, classes: ["a"], perShard: 50), weight: 1),
      .init(PaintedPairs(count: 200, classes: ["b"], perShard: 50), weight: 1),
    ])
    func quality(_ pool: Int) throws -> ShuffleQuality {
      let plan = try BatchPlan(
        mixture, patches: .init(size: 16, batch: 8), seed: 7, sampling: sampling { $0.pool = pool })
      return try ShuffleQuality(plan, batches: 300)
    }
    let (full, pools) = (try quality(0), try quality(2))
    // 12 x (1 - (1 - 1/24)^8) + 4 x (1 - (1 - 1/8)^8) = 6.09.
    #expect(abs(full.bestShards - 6.09) < 0.01)
    #expect(abs(full.shards - full.bestShards) < 0.3)
    #expect(abs(full.imbalance - 1) < 0.25)
    #expect(pools.shards < full.shards - 2)
  }

  @Test("the shares of a mixture are whole, add up, and follow the weights") func shares() {
    #expect(MixedOrder.shares([1, 1, 1]) == [334, 333, 333])
    #expect(MixedOrder.shares([0.7, 0.2, 0.1]) == [700, 200, 100])
    #expect(MixedOrder.shares([1, 1e-5]) == [1000, 0])
  }

  @Test("a share below a draw in a thousand is refused") func tinyShare() throws {
    let mixture = MixedPairs([
      .init(PaintedPairs(), weight: 1), .init(PaintedPairs(), weight: 1e-5),
    ])
    let problem = try #require(throws: Problem.self) {
      try TrainingRecipe.Sampling().order(of: mixture, seed: 1)
    }
    #expect(problem.what == "gives a set less than a thousandth of the records")
  }

  @Test("the classes of mixed sets are joined by name") func classes() throws {
    let mixture = MixedPairs([
      .init(PaintedPairs(count: 6, classes: ["rain", "haze"]), weight: 1),
      .init(PaintedPairs(count: 4, classes: ["snow", "haze"], perShard: 4), weight: 1),
    ])
    #expect(mixture.classes == ["rain", "haze", "snow"])
    #expect(
      try (0..<10).map { try mixture.pairClass($0).number } == [0, 1, 0, 1, 0, 1, 2, 1, 2, 1])
    #expect(try mixture.pairLabel(6).classNumber == 2)
    #expect(mixture.shardSizes == [6, 4])
    #expect(mixture.classCounts(ofShard: 1) == [0, 2, 2])
  }
}
