/// A shuffle of 0..<count that is computed, not stored: any place of any epoch in O(1) memory.
///
/// Swap-or-not with 64 rounds (Hoang, Morris, Rogaway, CRYPTO 2012): each round either swaps an index
/// with its partner or leaves both, so the result is a permutation for every count. About half a
/// microsecond an index.
public struct IndexPermutation: Sendable {
  /// The number of indices.
  public let count: Int
  private let offsets: [UInt64]
  private let tweaks: [UInt64]

  private static let rounds = 64
  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Creates the order of one epoch.
  public init(count: Int, seed: UInt64, epoch: Int) {
    self.init(count: count, key: IndexPermutation.key(seed: seed, epoch: epoch))
  }

  /// Creates the order of a key of one's own.
  public init(count: Int, key: UInt64) {
    let step = IndexPermutation.golden
    self.count = count
    let rounds = 0..<UInt64(IndexPermutation.rounds)
    offsets = rounds.map {
      IndexPermutation.mix(key &+ (2 * $0 + 1) &* step).multipliedFullWidth(by: UInt64(count)).high
    }
    tweaks = rounds.map { IndexPermutation.mix(key &+ (2 * $0 + 2) &* step) }
  }

  /// The index at `place` of the shuffled order.
  public subscript(place: Int) -> Int {
    let n = UInt64(count)
    var i = UInt64(place)
    for (offset, tweak) in zip(offsets, tweaks) {
      let partner = offset >= i ? offset - i : offset + n - i
      let decision = IndexPermutation.mix(tweak ^ (max(i, partner) &* IndexPermutation.golden))
      if decision >> 63 == 1 { i = partner }
    }
    return Int(i)
  }

  /// The key of an epoch; epochs of different seeds do not overlap.
  public static func key(seed: UInt64, epoch: Int) -> UInt64 {
    mix(mix(seed &+ golden) &+ mix((UInt64(epoch) &+ 1) &* 0xD134_2543_DE82_EF95))
  }

  /// Spreads every bit of a word over all of them (the finalizer of SplitMix64).
  public static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
