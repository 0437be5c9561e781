import Basics

/// How well a plan mixes shards and classes, beside what chance would do.
public struct ShuffleQuality: Sendable, Equatable {
  /// The mean number of shards that the records of a batch come from.
  public let shards: Double
  /// The same for records drawn from the whole set.
  public let bestShards: Double
  /// The mean squared deviation of the class counts in a batch from those of the set, over what it is for
  /// records drawn from the whole set; 1 is chance.
  public let imbalance: Double

  /// Looks at the first batches of a run; reads the classes of their records.
  ///
  /// - Throws: `Problem` when a label cannot be read.
  public init(_ plan: BatchPlan, batches: Int = 64) throws(Problem) {
    let source = plan.source
    let (sizes, size) = (source.shardSizes, plan.patches.batch)
    let (n, b) = (Double(source.count), Double(size))
    let ends = sizes.reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1) }
    let shares = ShuffleQuality.shares(source)
    var (distinct, squares) = (0, 0.0)
    for number in 0..<batches {
      let (epoch, position) = plan.place(of: number)
      let records = try plan.order.records(epoch: epoch, places: position..<position + size)
      distinct += Set(records.map { record in ends.firstIndex { record < $0 } ?? 0 }).count
      var counts = shares.map { _ in 0.0 }
      for record in records { counts[try source.pairClass(record).number] += 1 }
      squares += zip(counts, shares).reduce(0) { $0 + ($1.0 - b * $1.1) * ($1.0 - b * $1.1) }
    }
    shards = Double(distinct) / Double(batches)
    bestShards = sizes.reduce(0) { sum, size in
      sum + 1
        - (0..<plan.patches.batch).reduce(1) {
          $0 * max(0, n - Double(size + $1)) / (n - Double($1))
        }
    }
    let chance = shares.reduce(0) { $0 + b * $1 * (1 - $1) } * (n - b) / max(1, n - 1)
    imbalance = chance > 0 ? squares / Double(batches) / chance : 1
  }

  /// The share of each class in the set.
  private static func shares(_ source: any PairSource) -> [Double] {
    source.shardSizes.indices.reduce(source.classes.map { _ in 0.0 }) { sums, shard in
      zip(sums, source.classCounts(ofShard: shard)).map { $0 + Double($1) / Double(source.count) }
    }
  }

  /// The figures in words.
  public var sentence: String {
    "a batch holds records of \(fixed(shards, 1)) shards (\(fixed(bestShards, 1)) from the whole set); "
      + "class imbalance \(fixed(imbalance, 2)) (1 is chance)"
  }
}
