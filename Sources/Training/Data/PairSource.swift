import Basics

/// Pairs of pictures with labels, in any order, from any thread: what the loader reads.
public protocol PairSource: Sendable {
  /// Records in all.
  var count: Int { get }
  /// The digest that names exactly this data.
  var datasetID: String { get }
  /// The class names; a label is a place in this list.
  var classes: [String] { get }
  /// The records of each shard, in order; their sum is `count`.
  var shardSizes: [Int] { get }

  /// Calls `body` with the bytes of both pictures, rows of RGB.
  func readPair(_ index: Int, _ body: (PairBytes) -> Void) throws(Problem)

  /// What the record says about itself.
  func pairLabel(_ index: Int) throws(Problem) -> PairLabel

  /// The record's name and its place in the list of classes, without what takes long to read.
  func pairClass(_ index: Int) throws(Problem) -> (key: String, number: Int)

  /// How many records of each class, in the order of the classes, a shard has.
  func classCounts(ofShard number: Int) -> [Int]
}

/// What training and evaluation need to know of a record.
public struct PairLabel: Sendable, Equatable {
  /// The name in the shard.
  public let key: String
  /// The place in the list of classes.
  public let classNumber: Int
  /// 0...1; of several degradations the largest.
  public let severity: Double

  /// Creates a label.
  public init(key: String, classNumber: Int, severity: Double) {
    (self.key, self.classNumber, self.severity) = (key, classNumber, severity)
  }
}

/// The two pictures of a record, valid while they are lent.
public struct PairBytes {
  /// The low-quality picture.
  public let lq: UnsafeBufferPointer<UInt8>
  /// The ground truth.
  public let gt: UnsafeBufferPointer<UInt8>
  /// Columns of both.
  public let width: Int
  /// Rows of both.
  public let height: Int
  /// What is wrong with the stored record, when these pictures were made again in its place.
  public let fault: Problem?

  /// Creates the loan of two RGB pictures of one size.
  public init(
    lq: UnsafeBufferPointer<UInt8>, gt: UnsafeBufferPointer<UInt8>, width: Int, height: Int,
    fault: Problem? = nil
  ) {
    (self.lq, self.gt, self.width, self.height) = (lq, gt, width, height)
    self.fault = fault
  }
}
