/// A shuffle of a set's records that keeps to a few shards at a time, for sets larger than memory.
///
/// The shards are shuffled; each `pool` consecutive ones of that order make a pool; the records of a pool are
/// shuffled. Costs memory for the shards, not for the records. The smaller the pools, the fewer shards meet in
/// a batch. A shard without records takes its place in a pool all the same.
public struct BlockPermutation: Sendable {
  /// The number of records.
  public let count: Int
  private let pool: Int
  private let key: UInt64
  /// The shards' numbers in shuffled order.
  private let shards: [Int]
  /// The place in the epoch where each of them begins, and the end.
  private let starts: [Int]
  /// The number of each shard's first record, by shard number.
  private let firsts: [Int]

  /// Creates the order of one epoch.
  ///
  /// - Parameters:
  ///   - sizes: The records of each shard.
  ///   - pool: Shards in a pool, at least 1.
  public init(sizes: [Int], pool: Int, seed: UInt64, epoch: Int) {
    self.pool = pool
    let key = IndexPermutation.key(seed: seed, epoch: epoch)
    self.key = key
    let order = IndexPermutation(count: sizes.count, key: IndexPermutation.mix(key &+ 1))
    shards = sizes.indices.map { order[$0] }
    firsts = BlockPermutation.sums(sizes)
    starts = BlockPermutation.sums(shards.map { sizes[$0] })
    count = starts.last ?? 0
  }

  /// The index at `place` of the shuffled order.
  public subscript(place: Int) -> Int {
    let first = starts.lastPlace(notAbove: place) / pool * pool
    let (start, end) = (starts[first], starts[min(first + pool, shards.count)])
    let order = IndexPermutation(
      count: end - start, key: IndexPermutation.mix(key &+ 2 &+ UInt64(first)))
    let shuffled = start + order[place - start]
    let shard = starts.lastPlace(notAbove: shuffled)
    return firsts[shards[shard]] + shuffled - starts[shard]
  }

  /// The sums of the values before each place, and of all.
  private static func sums(_ values: [Int]) -> [Int] {
    values.reduce(into: [0]) { sums, value in sums.append(sums[sums.count - 1] + value) }
  }
}
