import Basics
import Glibc
import Records

/// Locks on a set's shards, which keep two processes from making the same ones.
///
/// They lie in a file of the hidden folder that drafts have in a set's, so that who mends a finished set
/// and who makes it see each other. The kernel frees them when their holder is gone.
struct ShardLocks: Sendable {
  /// What to do about shards that another process makes.
  static let advice = "wait until it ends"

  private static let fileName = "lock"
  /// The number whose lock is on a draft's description; those below are the shards'.
  private static let description = (1 << 40)..<(1 << 40) + 1

  private let set: String
  private let shards: ShardList
  private let lock: RangeLock

  /// The hidden folder in a set's.
  static func folder(in set: String) -> String { set + "/.dcpt-draft" }

  /// Takes the locks of some shards of the set in a folder.
  ///
  /// - Throws: `Problem` when another process has one of them, with the advice as its fix.
  init(_ shards: ShardList, of set: String, advice: String = ShardLocks.advice) throws(Problem) {
    (self.set, self.shards) = (set, shards)
    let folder = ShardLocks.folder(in: set)
    while true {
      try createFolder(folder)
      let lock: RangeLock
      do throws(Problem) { lock = try RangeLock(folder + "/" + ShardLocks.fileName) } catch {
        // Whoever finished the set a moment ago has removed the folder.
        if access(folder, F_OK) != 0 { continue }
        throw error
      }
      for range in shards.ranges {
        guard let other = try lock.take(range) else { continue }
        let what =
          other.count == 1 ? "shard \(other.lowerBound) is" : "shards \(ShardList(other)) are"
        throw Problem(set, "\(what) being made by another dcpt-data", fix: advice)
      }
      if lock.isCurrent {
        self.lock = lock
        return
      }
    }
  }

  /// Waits until no other process reads or changes the draft's description.
  func holdDescription() throws(Problem) { try lock.waitFor(ShardLocks.description) }

  /// Lets others at the description.
  func releaseDescription() throws(Problem) { try lock.release(ShardLocks.description) }

  /// Removes half-written files that killed processes left of these shards.
  ///
  /// Their locks are ours, so nobody writes them; those of other shards may be at work, on another
  /// machine even.
  ///
  /// - Parameter common: The names of files that belong to no shard and whose leftovers go too.
  func removeLeftovers(and common: [String] = []) {
    let ours = Set(shards.numbers.map { ShardEntry.fileName($0).dropLast(".tar".count) })
    for place in [set, ShardLocks.folder(in: set)] {
      for name in fileNames(in: place) {
        guard let file = AtomicFile.target(ofTemporary: name) else { continue }
        let isOurs = ours.contains(file.prefix { $0 != "." }) || common.contains(file)
        if isOurs { unlink(place + "/" + name) }
      }
    }
  }

  /// Removes the hidden folder; only for who has the locks of all shards and has emptied it.
  func removeFolder() {
    let folder = ShardLocks.folder(in: set)
    unlink(folder + "/" + ShardLocks.fileName)
    rmdir(folder)
  }

  /// Removes the hidden folder if it holds no draft and nobody else has a lock.
  func removeUnusedFolder() {
    guard fileNames(in: ShardLocks.folder(in: set)) == [ShardLocks.fileName] else { return }
    do throws(Problem) {
      // A number that nobody else holds is ours from now on: the file can go.
      guard try lock.take(0..<ShardLocks.description.upperBound) == nil else { return }
      removeFolder()
    } catch {
      return
    }
  }
}
