import Basics
import Records

/// A set that is to be made, as far as its draft has to know it.
protocol SetDescription: Sendable {
  /// The digest of everything that decides the bytes of the set's shards.
  var identity: String { get }
  /// The count of the set's shards.
  var shards: Int { get }
  /// What a user can do while another process makes the same shards.
  var adviceWhenLocked: String { get }
}

extension SetDescription {
  var adviceWhenLocked: String { ShardLocks.advice }
}

/// A set of which every shard can be made, however its records come about.
protocol PlannedSet: SetDescription {
  associatedtype Maker: RecordMaking

  /// The numbers of a shard's records.
  func numbers(of shard: Int) -> Range<Int>
  /// Counts of the classes that occur among records, in the order of the classes' numbers.
  func classes(of numbers: Range<Int>) -> [JSON.Member]
  /// What makes the records of one worker, with labels that fill `textSize` bytes.
  func maker(textSize: Int) -> Maker
  /// The manifest of the finished set.
  func manifest(_ shards: [ShardEntry], textSize: Int) -> Manifest
}

/// Makes records by number; a worker has its own, which may keep what the next record needs too.
protocol RecordMaking {
  /// Returns record number `index`; nil when its label needs more bytes than it may fill.
  mutating func record(_ index: Int) throws(Problem) -> Record?
}
