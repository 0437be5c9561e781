import Basics
import TestSupport
import Testing

@testable import Training

/// Batches: the same whoever cuts them, each record once an epoch, errors by name.
@Suite struct BatchLoaderTests {
  private func batches(
    _ source: PaintedPairs, count: Int, startingAt first: Int = 0, threads: Int = 1, batch: Int = 4,
    seed: UInt64 = 3
  ) throws(Problem) -> [Batch] {
    let plan = try BatchPlan(source, patches: .init(size: 16, batch: batch), seed: seed)
    let loader = BatchLoader(plan, startingAt: first, threads: threads)
    var found: [Batch] = []
    for _ in 0..<count { found.append(try loader.next()) }
    return found
  }

  @Test("any number of threads gives the same batches", arguments: [1, 2, 3, 7])
  func threadsDoNotMatter(threads: Int) throws {
    let expected = try batches(PaintedPairs(), count: 9)
    #expect(try batches(PaintedPairs(), count: 9, threads: threads) == expected)
  }

  @Test("a loader that starts in the middle goes on as the first would have")
  func startingInTheMiddleGoesOn() throws {
    let all = try batches(PaintedPairs(), count: 8)
    #expect(try batches(PaintedPairs(), count: 3, startingAt: 5) == Array(all[5...]))
  }

  @Test("an epoch holds every record once, and the next one in another order")
  func epochsArePermutations() throws {
    let keys = try batches(PaintedPairs(), count: 6).map(\.keys)
    let (first, second) = (keys[..<3].flatMap { $0 }, keys[3...].flatMap { $0 })
    #expect(Set(first).count == 12)
    #expect(Set(second).count == 12)
    #expect(first != second)
  }

  @Test("records that do not fill a last batch are left out") func tailIsLeftOut() throws {
    let keys = try batches(PaintedPairs(), count: 2, batch: 5).flatMap(\.keys)
    #expect(Set(keys).count == 10)
  }

  @Test("another seed gives other batches") func seedMatters() throws {
    #expect(try batches(PaintedPairs(), count: 2) != batches(PaintedPairs(), count: 2, seed: 4))
  }

  @Test("both pictures of a pair are cut and turned alike") func pairsStayAligned() throws {
    for batch in try batches(PaintedPairs(), count: 6) {
      let values = batch.gt.count / batch.count
      let (gt, lq) = (batch.gt.floats.map(code), batch.lq.floats.map(code))
      for slot in 0..<batch.count {
        let divisor = UInt8(1 + 2 * batch.labels[slot])
        let range = slot * values..<(slot + 1) * values
        #expect(gt[range].map { $0 / divisor } == Array(lq[range]))
      }
    }
  }

  private func code(_ value: Float) -> UInt8 { UInt8((value * 255).rounded()) }

  @Test("a record that cannot be read ends the run by its name") func brokenRecordIsNamed() throws {
    let problem = try #require(throws: Problem.self) {
      try batches(PaintedPairs(broken: 7), count: 3)
    }
    #expect(problem.place == "shard-000000.tar: record 7")
  }

  @Test("a picture smaller than the patch is named") func smallPictureIsNamed() throws {
    let problem = try #require(throws: Problem.self) {
      try batches(PaintedPairs(side: 12), count: 1)
    }
    #expect(problem.what == "is 12x12, smaller than gt_size 16")
  }

  @Test("a set smaller than a batch is refused") func smallSetIsRefused() throws {
    let problem = try #require(throws: Problem.self) {
      try batches(PaintedPairs(count: 3), count: 1)
    }
    #expect(problem.what == "is 4, the data set has 3 records")
  }
}
