import Basics
import Records

extension TrainingRecipe.Sampling {
  /// The order in which a run sees the records of its data.
  ///
  /// - Throws: `Problem` when the data cannot give what the recipe asks for.
  public func order(of data: any PairSource, seed: UInt64) throws(Problem) -> any RecordOrder {
    guard let mixture = data as? MixedPairs else { return try single(data, seed) }
    try requireKnownClasses(mixture.classes)
    var parts: [any RecordOrder] = []
    for (number, part) in mixture.parts.enumerated() {
      parts.append(try single(part.source, MixedOrder.seed(seed, part: number), isPart: true))
    }
    return try MixedOrder(mixture, parts: parts, seed: seed)
  }

  private func single(_ data: any PairSource, _ seed: UInt64, isPart: Bool = false)
    throws(Problem) -> any RecordOrder
  {
    let weights: [Double]
    switch classWeights {
    case .asStored: return ShuffledOrder(data, seed: seed, pool: pool)
    case .balanced: weights = stored(data).map { $0 > 0 ? 1 : 0 }
    case .given(let given):
      if !isPart { try requireKnownClasses(data.classes) }
      weights = data.classes.map { given[$0] ?? 0 }
    }
    return try WeightedOrder(data, weights: weights, seed: seed)
  }

  /// The records of each class.
  private func stored(_ data: any PairSource) -> [Int] {
    data.shardSizes.indices.reduce(data.classes.map { _ in 0 }) { sums, shard in
      zip(sums, data.classCounts(ofShard: shard)).map { $0 + $1 }
    }
  }

  private func requireKnownClasses(_ classes: [String]) throws(Problem) {
    guard case .given(let given) = classWeights,
      let unknown = given.keys.sorted().first(where: { !classes.contains($0) })
    else { return }
    throw Problem(
      "class_weights",
      "class '\(unknown)' is not one of the data's: "
        + classes.joined(separator: ", "), fix: hint(for: unknown, among: classes))
  }
}
