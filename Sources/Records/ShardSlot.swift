import Basics
import Synchronization

/// A shard's place in a reader: its line in the manifest, and its map once a record of it was asked for.
///
/// So a set of ten thousand shards opens at once, and only shards in use cost memory.
final class ShardSlot: Sendable {
  private let entry: ShardEntry
  private let folder: String
  private let map = AtomicLazyReference<MappedShard>()

  /// Makes a place for a shard of the manifest in `folder`, which must be there in full size.
  init(_ entry: ShardEntry, in folder: String) throws(Problem) {
    (self.entry, self.folder) = (entry, folder)
    try MappedFile.check(folder + "/" + entry.file, expecting: entry.bytes)
  }

  /// The mapped shard; two threads may both map it, one of the maps is kept.
  func opened() throws(Problem) -> MappedShard {
    if let shard = map.load() { return shard }
    return map.storeIfNil(try MappedShard(entry, in: folder))
  }
}
