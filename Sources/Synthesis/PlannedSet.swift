import Basics
import Records

/// A set that is to be made, as far as its draft has to know it.
protocol SetDescription: Sendable {
  /// The digest of everything that decides the bytes of the set's shards.
  var identity: String { get }
  /// The count of the set's shards.
  var shards: Int { get }
  /// The bytes that each record's label fills unless one needs more.
  var textSize: Int { get }
  /// Whether a finished set is this one.
  func isSame(as finished: Manifest) -> Bool
  /// What it is made from beside the program, for messages.
  var ingredients: String { get }
  /// What follows the name of another set in a message.
  var difference: String { get }
  /// What a user can do while another process makes the same shards.
  var adviceWhenLocked: String { get }
}

extension SetDescription {
  var textSize: Int { Draft.textUnit }
  func isSame(as finished: Manifest) -> Bool { SetPlan.identity(of: finished) == identity }
  var ingredients: String { "recipe, pictures" }
  var difference: String { " of another recipe, seed or other pictures" }
  var adviceWhenLocked: String { ShardLocks.advice }
}

/// A set of which every shard can be made, however its records come about.
protocol PlannedSet: SetDescription {
  associatedtype Maker: RecordMaking

  /// The numbers of a shard's records.
  func numbers(of shard: Int) -> Range<Int>
  /// Counts of the classes that occur among records, in the order of the classes' numbers.
  func classes(of numbers: Range<Int>) throws(Problem) -> [JSON.Member]
  /// How PNG files of the pictures are written; nil for the raw form.
  var png: PNGSettings? { get }
  /// What makes the records of one worker, with labels that fill `textSize` bytes.
  func maker(textSize: Int) -> Maker
  /// Looks at a shard before it has its name.
  ///
  /// - Throws: `Problem` at `path` when it is not what it must be.
  func check(_ made: ShardEntry, of shard: Int, path: String) throws(Problem)
  /// The manifest of the finished set.
  func manifest(_ shards: [ShardEntry], textSize: Int) -> Manifest
}

extension PlannedSet {
  var png: PNGSettings? { nil }
  func check(_ made: ShardEntry, of shard: Int, path: String) throws(Problem) {}
}

/// Makes records by number, in the raw form; a worker has its own, which may keep what the next record needs too.
protocol RecordMaking {
  /// Returns record number `index`; nil when its label needs more bytes than it may fill.
  mutating func record(_ index: Int) throws(Problem) -> Record?
}
