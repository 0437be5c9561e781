import Basics

/// Makes records of a set again that its shards hold no more as they were.
public protocol RecordMender: Sendable {
  /// Makes record number `index` of the set, with the members that it was written with.
  ///
  /// - Throws: `Problem` when something it is made from is missing or has changed.
  func record(_ index: Int) throws(Problem) -> Record
}
