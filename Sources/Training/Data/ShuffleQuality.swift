import Basics

/// How well a plan mixes shards and classes, beside what chance would do.
public struct ShuffleQuality: Sendable, Equatable {
  /// The mean number of shards that the records of a batch come from.
  public let shards: Double
  /// The same for records drawn from the whole set.
  public let bestShards: Double
  /// The mean squared deviation of the class counts in a batch from their shares, over what it is for records
  /// drawn from the whole set; 1 is chance.
  public let imbalance: Double

  /// Looks at the first batches of a run; reads the classes of their records.
  ///
  /// - Throws: `Problem` when a label cannot be read.
  public init(_ plan: BatchPlan, batches: Int = 64) throws(Problem) {
    let (source, size) = (plan.source, min(plan.patches.batch, plan.source.count))
    let ends = source.shardSizes.reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1) }
    let chances = ShuffleQuality.chances(source)
    let expected = chances.classes.map { $0 * Double(size) }
    var (distinct, squares) = (0, 0.0)
    // A short last batch has fewer shards and classes to deviate by, so only whole ones are looked at.
    let whole = (0...).lazy.map(plan.places(of:)).filter { $0.places.count == size }
    for (epoch, places) in whole.prefix(batches) {
      let records = try plan.order.records(epoch: epoch, places: places)
      distinct += Set(records.map { record in ends.firstIndex { record < $0 } ?? 0 }).count
      var counts = expected.map { _ in 0.0 }
      for record in records { counts[try source.pairClass(record).number] += 1 }
      squares += zip(counts, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    shards = Double(distinct) / Double(batches)
    bestShards = chances.shards.reduce(0) { sum, chance in
      sum + 1 - (0..<size).reduce(1) { product, _ in product * (1 - chance) }
    }
    // The variance of a binomial count, summed over the classes.
    let variance = zip(expected, chances.classes).reduce(0) { $0 + $1.0 * (1 - $1.1) }
    imbalance = variance > 0 ? squares / Double(batches) / variance : 1
  }

  /// How likely a draw from the whole set, or from a mixture with its weights, is of each shard and each class.
  private static func chances(_ source: any PairSource) -> (shards: [Double], classes: [Double]) {
    var classes = source.classes.map { _ in 0.0 }
    guard let mixture = source as? MixedPairs else {
      let count = Double(source.count)
      for shard in source.shardSizes.indices {
        for (kind, records) in source.classCounts(ofShard: shard).enumerated() {
          classes[kind] += Double(records) / count
        }
      }
      return (source.shardSizes.map { Double($0) / count }, classes)
    }
    let total = mixture.parts.reduce(0) { $0 + $1.weight }
    var shards: [Double] = []
    for part in mixture.parts {
      let (share, own) = (part.weight / total, chances(part.source))
      shards += own.shards.map { $0 * share }
      for (name, chance) in zip(part.source.classes, own.classes) {
        if let kind = mixture.classes.firstIndex(of: name) { classes[kind] += chance * share }
      }
    }
    return (shards, classes)
  }

  /// The figures in words.
  public var sentence: String {
    "a batch holds records of \(fixed(shards, 1)) shards (\(fixed(bestShards, 1)) from the whole set); "
      + "class imbalance \(fixed(imbalance, 2)) (1 is chance)"
  }
}
