import Synchronization

/// One bit for each record of a shard, set by any thread: whether its checks were passed.
///
/// It is all the memory that reading costs a record.
final class RecordMarks: Sendable {
  private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>
  private let count: Int

  /// Creates the marks of `records` records, none of them set.
  init(records: Int) {
    count = (records + 63) / 64
    words = .allocate(capacity: count)
    for i in 0..<count { (words + i).initialize(to: Atomic(0)) }
  }

  deinit {
    words.deinitialize(count: count)
    words.deallocate()
  }

  /// The bytes that the marks fill.
  var bytes: Int { 8 * count }

  /// Whether the bit of a record is set.
  func contains(_ number: Int) -> Bool {
    words[number >> 6].load(ordering: .acquiring) >> UInt64(number & 63) & 1 == 1
  }

  /// Sets the bit of a record.
  func insert(_ number: Int) {
    words[number >> 6].bitwiseOr(1 << UInt64(number & 63), ordering: .releasing)
  }
}
