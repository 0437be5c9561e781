import Basics

/// Several sets as one: their records follow each other, their classes are joined by name.
public struct MixedPairs: PairSource {
  /// A set with its share of what is drawn.
  public struct Part: Sendable {
    /// The set.
    public let source: any PairSource
    /// Its share; only the ratio to the other parts counts.
    public let weight: Double

    /// Creates a part.
    public init(_ source: any PairSource, weight: Double) {
      (self.source, self.weight) = (source, weight)
    }
  }

  /// The parts in order.
  public let parts: [Part]
  /// The first part's classes, then those that later parts add.
  public let classes: [String]
  /// Records in all parts.
  public let count: Int
  /// The digest of the parts' digests and weights.
  public let datasetID: String
  /// The records of each shard of each part.
  public let shardSizes: [Int]
  /// The number of each part's first record, and the count.
  let firsts: [Int]
  private let firstShards: [Int]
  /// For each part the number here of each of its classes.
  private let classNumbers: [[Int]]

  /// Joins sets.
  public init(_ parts: [Part]) {
    self.parts = parts
    let all = parts.flatMap(\.source.classes)
    let classes = all.enumerated().filter { all.firstIndex(of: $1) == $0 }.map(\.element)
    self.classes = classes
    classNumbers = parts.map { part in
      part.source.classes.map { name in classes.firstIndex(of: name) ?? 0 }
    }
    firsts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.source.count) }
    count = firsts[parts.count]
    let sizes = parts.map(\.source.shardSizes)
    firstShards = sizes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    shardSizes = sizes.flatMap { $0 }
    datasetID = Digest.sha256(
      Array(parts.map { "\($0.source.datasetID) \($0.weight)\n" }.joined().utf8))
  }

  /// Reads the pictures of a record of one of the parts.
  public func readPair(_ index: Int, _ body: (PairBytes) -> Void) throws(Problem) {
    let (part, own) = MixedPairs.place(index, firsts)
    try parts[part].source.readPair(own, body)
  }

  /// Reads a label, whose class gets its number here.
  public func pairLabel(_ index: Int) throws(Problem) -> PairLabel {
    let (part, own) = MixedPairs.place(index, firsts)
    let label = try parts[part].source.pairLabel(own)
    return PairLabel(
      key: label.key, classNumber: classNumbers[part][label.classNumber], severity: label.severity)
  }

  /// Reads a class, which gets its number here.
  public func pairClass(_ index: Int) throws(Problem) -> (key: String, number: Int) {
    let (part, own) = MixedPairs.place(index, firsts)
    let (key, number) = try parts[part].source.pairClass(own)
    return (key, classNumbers[part][number])
  }

  /// The counts of a part's shard under the classes' numbers here.
  public func classCounts(ofShard number: Int) -> [Int] {
    let (part, own) = MixedPairs.place(number, firstShards)
    var counts = [Int](repeating: 0, count: classes.count)
    for (number, count) in parts[part].source.classCounts(ofShard: own).enumerated() {
      counts[classNumbers[part][number]] += count
    }
    return counts
  }

  private static func place(_ index: Int, _ firsts: [Int]) -> (part: Int, own: Int) {
    let part = firsts.indices.last { firsts[$0] <= index && $0 < firsts.count - 1 } ?? 0
    return (part, index - firsts[part])
  }
}
