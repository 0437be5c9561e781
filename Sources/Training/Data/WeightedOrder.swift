import Basics
import Records

/// Draws records, with replacement, so that each class gets its share whatever the set holds of it.
///
/// A class is drawn, then a shard by what the manifest says it holds of the class, then records of the shard
/// until one is of the class. Costs memory for the shards, not for the records.
struct WeightedOrder: RecordOrder {
  let count: Int
  private let source: any PairSource
  private let seed: UInt64
  private let draws: [ClassDraw]
  private let firsts: [Int]
  private let sizes: [Int]

  /// A class that can be drawn.
  private struct ClassDraw {
    let number: Int
    /// The sum of the shares up to this class.
    let upTo: Double
    /// The shards that hold it, and the sums of its records up to each.
    var shards: [Int] = []
    var sums: [Int] = []
  }

  /// Draws that may miss before a shard is searched from end to end.
  private static let tries = 256

  /// Creates the order.
  ///
  /// - Parameter weights: The share of each class, in the order of the classes; their sum may be any.
  /// - Throws: `Problem` naming a class that has a share but no records.
  init(_ source: any PairSource, weights: [Double], seed: UInt64) throws(Problem) {
    (count, self.source, self.seed) = (source.count, source, seed)
    sizes = source.shardSizes
    firsts = sizes.firstPlaces
    let counts = sizes.indices.map { source.classCounts(ofShard: $0) }
    let total = weights.reduce(0, +)
    var (draws, upTo) = ([ClassDraw](), 0.0)
    for (number, weight) in weights.enumerated() where weight > 0 {
      upTo += weight / total
      var draw = ClassDraw(number: number, upTo: upTo)
      for (shard, counts) in counts.enumerated() where counts[number] > 0 {
        draw.shards.append(shard)
        draw.sums.append((draw.sums.last ?? 0) + counts[number])
      }
      guard !draw.shards.isEmpty else {
        throw Problem(
          "class_weights", "give class '\(source.classes[number])' a share, the set has none of it",
          fix: "give it the weight 0, or a set that has some")
      }
      draws.append(draw)
    }
    guard !draws.isEmpty else {
      throw Problem(
        "class_weights", "give no class of data set \(source.datasetID.prefix(12)) a share",
        fix: "its classes are " + source.classes.joined(separator: ", "))
    }
    self.draws = draws
  }

  func records(epoch: Int, places: Range<Int>) throws(Problem) -> [Int] {
    var found: [Int] = []
    for place in places { found.append(try record(epoch, place)) }
    return found
  }

  private func record(_ epoch: Int, _ place: Int) throws(Problem) -> Int {
    var random = RandomStream(
      seed: seed, index: UInt64(epoch) << 40 | UInt64(place), stream: 0x6472_6177)
    let u = random.uniform()
    let draw = draws.first { u < $0.upTo } ?? draws[draws.count - 1]
    let nth = random.integer(below: draw.sums[draw.sums.count - 1])
    let shard = draw.shards[draw.sums.partitioningIndex { nth < $0 }]
    for _ in 0..<WeightedOrder.tries {
      let index = firsts[shard] + random.integer(below: sizes[shard])
      if isWanted(index, draw.number) { return index }
    }
    return try search(shard, from: random.integer(below: sizes[shard]), for: draw.number)
  }

  /// Whether a record is of the class; one whose label cannot be read counts as wanted, so that reading it tells
  /// what is wrong with it.
  private func isWanted(_ index: Int, _ number: Int) -> Bool {
    guard let found = try? source.pairClass(index).number else { return true }
    return found == number
  }

  /// The first record of a class from a place of a shard on, where hardly any are of the class.
  private func search(_ shard: Int, from start: Int, for number: Int) throws(Problem) -> Int {
    for step in 0..<sizes[shard] {
      let index = firsts[shard] + (start + step) % sizes[shard]
      if isWanted(index, number) { return index }
    }
    throw Problem(
      "shard \(shard) of data set \(source.datasetID.prefix(12))",
      "has no record of class '\(source.classes[number])', the manifest says it has",
      fix: "run 'dcpt-data verify' on the set's manifest")
  }
}

extension [Int] {
  /// The first place from which on `isAbove` holds, in a list that rises.
  fileprivate func partitioningIndex(where isAbove: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isAbove(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
