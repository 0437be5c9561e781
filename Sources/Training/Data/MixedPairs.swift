import Basics
import Records

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
  public var classes: [String] { joined.classes }
  /// Records in all parts.
  public var count: Int { joined.count }
  /// The digest of the parts' digests and weights.
  public let datasetID: String
  /// The records of each shard of each part.
  public let shardSizes: [Int]
  /// The number of each part's first record, and the count.
  var firsts: [Int] { joined.firsts }
  private let joined: JoinedSets
  private let firstShards: [Int]

  /// Joins sets.
  public init(_ parts: [Part]) {
    self.parts = parts
    joined = JoinedSets(parts.map { ($0.source.count, $0.source.classes) })
    let sizes = parts.map(\.source.shardSizes)
    firstShards = sizes.map(\.count).firstPlaces
    shardSizes = sizes.flatMap { $0 }
    datasetID = Digest.sha256(
      Array(parts.map { "\($0.source.datasetID) \($0.weight)\n" }.joined().utf8))
  }

  /// Reads the pictures of a record of one of the parts.
  public func readPair(_ index: Int, _ body: (PairBytes) -> Void) throws(Problem) {
    let (part, own) = joined.place(of: index)
    try parts[part].source.readPair(own, body)
  }

  /// Reads a label, whose class gets its number here.
  public func pairLabel(_ index: Int) throws(Problem) -> PairLabel {
    let (part, own) = joined.place(of: index)
    let label = try parts[part].source.pairLabel(own)
    return PairLabel(
      key: label.key, classNumber: joined.classNumbers[part][label.classNumber],
      severity: label.severity)
  }

  /// Reads a class, which gets its number here.
  public func pairClass(_ index: Int) throws(Problem) -> (key: String, number: Int) {
    let (part, own) = joined.place(of: index)
    let (key, number) = try parts[part].source.pairClass(own)
    return (key, joined.classNumbers[part][number])
  }

  /// The counts of a part's shard under the classes' numbers here.
  public func classCounts(ofShard number: Int) -> [Int] {
    let (part, own) = firstShards.place(of: number)
    var counts = [Int](repeating: 0, count: classes.count)
    for (number, count) in parts[part].source.classCounts(ofShard: own).enumerated() {
      counts[joined.classNumbers[part][number]] += count
    }
    return counts
  }
}
