import Basics

/// n pairs as bytes, ready to become tensors; the only thing that crosses from the loader's threads.
public struct Batch: Sendable, Equatable {
  /// The batch's number in the run, from 0.
  public let number: Int
  /// The side of its square patches.
  public let patchSize: Int
  /// The low-quality patches, n x patchSize x patchSize x 3 codes.
  public internal(set) var lq: [UInt8]
  /// The ground truth of the same patches.
  public internal(set) var gt: [UInt8]
  /// The class number of each pair.
  public internal(set) var labels: [Int]
  /// The records' keys, for messages.
  public internal(set) var keys: [String]

  /// Pairs in the batch.
  public var count: Int { labels.count }
}
