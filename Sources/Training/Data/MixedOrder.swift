import Basics
import Records

/// Draws from several sets in given shares, each set going through its own epochs at its own pace.
///
/// A thousand draws are a round: each set has a fixed number of them, at places that the round shuffles. So how
/// often a set was drawn before any place is a sum, and nothing has to be counted along.
final class MixedOrder: RecordOrder {
  let count: Int
  private let seed: UInt64
  private let parts: [any RecordOrder]
  /// The number of each set's first record, and of all records.
  private let firsts: [Int]
  /// Where the draws of each set begin in a round before it is shuffled, and the end.
  private let slots: [Int]
  private let recent = Locked<Round?>(nil)

  /// Whose turn it is at each place of a round, and the how manieth of its turns in the round.
  private struct Round {
    let number: Int
    let turns: [(part: Int, nth: Int)]
  }

  /// Draws in a round.
  static let round = 1000

  /// Creates the order of a mixture whose parts have orders of their own.
  ///
  /// - Throws: `Problem` when a set's share is less than one draw in a round.
  init(_ mixture: MixedPairs, parts: [any RecordOrder], seed: UInt64) throws(Problem) {
    (count, self.seed, self.parts) = (mixture.count, seed, parts)
    firsts = mixture.firsts
    let shares = MixedOrder.shares(mixture.parts.map(\.weight))
    guard let least = shares.min(), least > 0 else {
      throw Problem(
        "mix", "gives a set less than a thousandth of the records",
        fix: "raise its weight, or leave the set out")
    }
    slots = shares.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  /// Whole numbers as near as can be to the weights' shares of a round, with the round as their sum.
  static func shares(_ weights: [Double]) -> [Int] {
    let total = weights.reduce(0, +)
    let exact = weights.map { $0 / total * Double(round) }
    var shares = exact.map { Int($0) }
    // The largest remainders get what is left; of equal ones the first.
    let byRemainder = exact.indices.sorted { i, j in
      let (a, b) = (exact[i] - Double(shares[i]), exact[j] - Double(shares[j]))
      return a != b ? a > b : i < j
    }
    for i in byRemainder.prefix(round - shares.reduce(0, +)) { shares[i] += 1 }
    return shares
  }

  func records(epoch: Int, places: Range<Int>) throws(Problem) -> [Int] {
    var found: [Int] = []
    for place in places {
      let (number, slot) = (epoch * count + place).quotientAndRemainder(
        dividingBy: MixedOrder.round)
      found.append(try record(round(number), slot))
    }
    return found
  }

  private func record(_ round: Round, _ slot: Int) throws(Problem) -> Int {
    let (part, nth) = round.turns[slot]
    let draw = round.number * (slots[part + 1] - slots[part]) + nth
    let (epoch, place) = draw.quotientAndRemainder(dividingBy: parts[part].count)
    return firsts[part] + (try parts[part].records(epoch: epoch, places: place..<place + 1)[0])
  }

  /// A round; the one in hand is kept, as its shuffle takes as long as many batches' own.
  private func round(_ number: Int) -> Round {
    recent.withLock { recent in
      if let recent, recent.number == number { return recent }
      let made = shuffled(number)
      recent = made
      return made
    }
  }

  private func shuffled(_ number: Int) -> Round {
    let order = IndexPermutation(count: MixedOrder.round, seed: roundSeed, epoch: number)
    var drawn = [Int](repeating: 0, count: parts.count)
    let turns = (0..<MixedOrder.round).map { place in
      let part = parts.indices.last { slots[$0] <= order[place] } ?? 0
      drawn[part] += 1
      return (part: part, nth: drawn[part] - 1)
    }
    return Round(number: number, turns: turns)
  }

  /// The rounds' shuffles must not be those of the records.
  private var roundSeed: UInt64 { IndexPermutation.mix(seed ^ 0x726F_756E_6473) }

  /// The seed of a part, so that two parts of one size are not shuffled alike.
  static func seed(_ seed: UInt64, part: Int) -> UInt64 {
    IndexPermutation.mix(seed &+ UInt64(part + 1))
  }
}
