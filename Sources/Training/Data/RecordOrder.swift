import Basics

/// Which record stands at each place of each epoch: a pure function, so that any number of threads and ranks,
/// and a run that was resumed, see the same.
public protocol RecordOrder: Sendable {
  /// Places in an epoch.
  var count: Int { get }

  /// The records at places that follow each other.
  ///
  /// - Throws: `Problem` when a label has to be read for it and cannot be.
  func records(epoch: Int, places: Range<Int>) throws(Problem) -> [Int]
}
