import Basics

/// n pairs ready to become tensors; the only thing that crosses from the loader's threads.
public struct Batch: Sendable, Equatable {
  /// The batch's number in the run, from 0.
  public let number: Int
  /// The side of its square patches.
  public let patchSize: Int
  /// The low-quality patches, `[n, patchSize, patchSize, 3]`, 0...1.
  public let lq: PixelBuffer
  /// The ground truth of the same patches.
  public let gt: PixelBuffer
  /// The class number of each pair.
  public internal(set) var labels: [Int] = []
  /// The records' keys, for messages.
  public internal(set) var keys: [String] = []
  /// What was wrong with the records that others stand in for.
  public internal(set) var skipped: [Problem] = []
  /// What was wrong with the records that were made again in memory.
  public internal(set) var repaired: [Problem] = []

  /// Pairs in the batch; none where a short batch has fewer pairs than there are ranks.
  public var count: Int { labels.count }
}
