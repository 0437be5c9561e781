import Basics
import Records

/// Every record once an epoch: shuffled over the whole set, or within pools of a few shards.
final class ShuffledOrder: RecordOrder {
  let count: Int
  private let seed: UInt64
  private let sizes: [Int]
  /// Shards in a pool; 0 shuffles the whole set.
  private let pool: Int
  /// The pools of the epoch in hand: as large as the list of shards, so not made anew for each batch.
  private let recent = Locked<(epoch: Int, order: BlockPermutation)?>(nil)

  init(_ source: any PairSource, seed: UInt64, pool: Int) {
    (count, self.seed, self.pool) = (source.count, seed, pool)
    sizes = pool > 0 ? source.shardSizes : []
  }

  func records(epoch: Int, places: Range<Int>) -> [Int] {
    guard pool > 0 else {
      let order = IndexPermutation(count: count, seed: seed, epoch: epoch)
      return places.map { order[$0] }
    }
    let order = pools(epoch)
    return places.map { order[$0] }
  }

  private func pools(_ epoch: Int) -> BlockPermutation {
    recent.withLock { recent in
      if let recent, recent.epoch == epoch { return recent.order }
      let order = BlockPermutation(sizes: sizes, pool: pool, seed: seed, epoch: epoch)
      recent = (epoch, order)
      return order
    }
  }
}
