import Basics
import CBench
import Records
import Training

/// Ways of getting batches of crops from a set, each with its rate.
struct LoaderCase {
  static let (batch, side) = (16, 128)
  let reader: RecordReader

  /// Pairs per second of a loader whose records were all read before.
  ///
  /// - Parameter epochs: How often it goes through the set.
  func loader(
    threads: Int, turns: Bool, pool: Int = 0, epochs: Int
  ) throws(Problem) -> Double {
    let plan = try plan(turns: turns, pool: pool)
    let loader = BatchLoader(plan, threads: threads)
    // Until the first batches lie ready nothing is in its stride.
    for _ in 0..<8 { _ = try loader.next() }
    let start = monotonicSeconds()
    let count = epochs * plan.batchesPerEpoch
    for _ in 0..<count { _ = try loader.next() }
    return Double(count * LoaderCase.batch) / (monotonicSeconds() - start)
  }

  /// The plan that is timed.
  func plan(turns: Bool, pool: Int = 0) throws(Problem) -> BatchPlan {
    var sampling = TrainingRecipe.Sampling()
    sampling.pool = pool
    return try BatchPlan(
      reader,
      patches: .init(
        manifest: nil, size: LoaderCase.side, batch: LoaderCase.batch, flips: true, turns: turns),
      seed: 1, sampling: sampling)
  }

  /// Pairs per second of a bare C loop over the mapped pictures, each thread with its part of the order.
  func bare(threads: Int, epochs: Int) throws(Problem) -> Double {
    let pairs = try mappedPairs()
    let (width, height) = (pairs.width, pairs.height)
    let order = IndexPermutation(count: reader.count, seed: 1, epoch: 0)
    let places = (0..<reader.count).map { UInt32(order[$0]) }
    let start = monotonicSeconds()
    try Workers.run(threads, workers: threads) { part throws(Problem) in
      let range = places.count * part / threads..<places.count * (part + 1) / threads
      let size = 2 * LoaderCase.batch * LoaderCase.side * LoaderCase.side * 3
      let buffer = UnsafeMutablePointer<Float>.allocate(capacity: size)
      defer { buffer.deallocate() }
      var sum: Float = 0
      for epoch in 0..<epochs {
        sum += places[range].withUnsafeBufferPointer { order in
          cb_crop_pairs(
            pairs.pairs, order.baseAddress, order.count, width, height, LoaderCase.side,
            LoaderCase.batch, UInt64(epoch), buffer)
        }
      }
      return sum.isFinite
    }
    return Double(epochs * places.count) / (monotonicSeconds() - start)
  }

  /// Where the pictures lie, as long as the reader lives, which keeps its shards mapped.
  private func mappedPairs() throws(Problem) -> (pairs: [cb_pair], width: Int, height: Int) {
    var (pairs, width, height) = ([cb_pair](), 0, 0)
    for index in 0..<reader.count {
      try reader.readPair(index) { pair in
        pairs.append(cb_pair(lq: pair.lq.baseAddress, gt: pair.gt.baseAddress))
        (width, height) = (pair.width, pair.height)
      }
    }
    return (pairs, width, height)
  }
}

/// It points into files that are mapped to be read only.
extension cb_pair: @retroactive @unchecked Sendable {}
