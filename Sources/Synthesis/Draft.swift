import Basics
import Glibc
import Records

/// A data set that is being made: who makes which shards, which are finished, and of what set they are.
///
/// It is a hidden folder in the set's: a description that keeps other sets out, a note about each
/// finished shard, and a file of locks on the shards' numbers, which the kernel frees when their holder
/// is gone. It disappears when the set is finished.
struct Draft: Sendable {
  /// The least bytes of a record's label; larger sizes are multiples of it.
  static let textUnit = 2048

  private static let name = ".dcpt-draft"
  /// The number whose lock is on the description; those below are the shards'.
  private static let description = (1 << 40)..<(1 << 40) + 1

  let folder: String
  /// The bytes that each record's label fills.
  private(set) var textSize: Int
  /// Notes about finished shards.
  let ledger: ShardLedger

  private let identity: String
  private let found: FoundSet
  private let lock: RangeLock

  /// Begins a draft, or goes on with the one that is there.
  ///
  /// - Parameters:
  ///   - folder: The set's folder.
  ///   - shards: Those that no other process may make as long as this value lives.
  ///   - resumes: Whether a manifest that is lost or damaged is to be made again.
  /// - Throws: `Problem` when the folder holds another set, or another process makes such a shard.
  init(_ folder: String, plan: SetPlan, shards: ShardList, resumes: Bool = false)
    throws(Problem)
  {
    // First without a lock: a folder of another set is left as it is.
    _ = try FoundSet(folder, plan, resumes: resumes)
    self.folder = folder
    identity = plan.identity
    lock = try Draft.lock(shards, in: folder)
    ledger = ShardLedger(Draft.path(folder), identity: identity)
    try lock.waitFor(Draft.description)
    found = try FoundSet(folder, plan, resumes: resumes)
    textSize = found.textSize ?? Draft.textUnit
    removeLeftovers(of: shards, all: shards == ShardList(all: plan.shards))
    try save()
    try lock.release(Draft.description)
  }

  /// Makes room for labels of more bytes than now.
  mutating func enlarge() throws(Problem) {
    try lock.waitFor(Draft.description)
    // Another job may have met such a label before.
    let json = try? JSON(parsing: try readFile(Draft.descriptionPath(folder)), place: folder)
    textSize = max(textSize + Draft.textUnit, json?["text_size"]?.integer ?? 0)
    try save()
    try lock.release(Draft.description)
  }

  /// The SHA-256 that a shard must have; nil when it was never finished.
  func digest(of file: String) -> String? {
    if let note = ledger[file], note.textSize == textSize { return note.sha256 }
    return found.textSize == nil || found.textSize == textSize ? found.digests[file] : nil
  }

  /// The shard's line in the manifest that is there.
  func sealed(_ file: String) -> ShardEntry? { found.entries[file] }

  /// Writes the manifest, which finishes the set, and ends the draft.
  ///
  /// - Throws: `Problem` when it would not be the manifest that was lost.
  func seal(_ manifest: Manifest) throws(Problem) {
    if let lost = found.lostManifest {
      let made = Digest.sha256(Array(manifest.json.pretty.utf8))
      guard made == lost else {
        throw Problem(
          folder + "/" + DataSetSums.fileName,
          "says that manifest.json has SHA-256 \(lost); made again it has \(made)",
          fix: "recipe, pictures or program are not those of the set; nothing was replaced")
      }
    }
    try DataSetSums.write(manifest, in: folder)
    try manifest.write(to: folder + "/" + Manifest.fileName)
    remove()
  }

  /// Writes the set's plan, unless another job was faster.
  func write(_ plan: SetPlan) throws(Problem) {
    let path = folder + "/" + SetPlan.fileName
    try lock.waitFor(Draft.description)
    if access(path, F_OK) != 0 { try AtomicFile.write(plan.json.pretty, to: path) }
    try lock.release(Draft.description)
  }

  /// Notes that a shard is finished.
  func note(_ entry: ShardEntry) throws(Problem) {
    guard !isMending else { return }
    let note = ShardLedger.Note(sha256: entry.sha256, textSize: textSize, classes: entry.classes)
    if ledger[entry.file] != note { try ledger.write(note, of: entry.file) }
  }

  /// Ends a draft that holds nothing; only for who has the locks of all shards.
  func leave() {
    // A shard may be whole without a note, when the disk filled up between: without the description
    // it would be a stranger's. In a finished set manifest or digests say whose the shards are.
    let isFinished = isMending || !found.entries.isEmpty
    if ledger.isEmpty && (isFinished || FoundSet.shards(in: folder).isEmpty) { remove() }
  }

  private func remove() {
    ledger.clear()
    unlink(Draft.descriptionPath(folder))
    unlink(Draft.path(folder) + "/lock")
    rmdir(Draft.path(folder))
  }

  /// Whether a lost manifest is being made again.
  ///
  /// Until it proves to be that one, recipe and pictures are not known to be the set's, and nothing
  /// may say that they are.
  private var isMending: Bool { found.lostManifest != nil }

  private func save() throws(Problem) {
    guard !isMending else { return }
    let json: JSON = ["identity": .string(identity), "text_size": .integer(textSize)]
    try AtomicFile.write(json.compact + "\n", to: Draft.descriptionPath(folder))
  }

  /// Where a folder's description of its draft lies.
  static func descriptionPath(_ folder: String) -> String { path(folder) + "/set.json" }

  private static func path(_ folder: String) -> String { folder + "/" + name }
}

extension Draft {
  /// Takes the locks of shards.
  private static func lock(_ shards: ShardList, in folder: String) throws(Problem) -> RangeLock {
    while true {
      try createFolder(path(folder))
      let lock: RangeLock
      do throws(Problem) { lock = try RangeLock(path(folder) + "/lock") } catch {
        // Whoever finished the set a moment ago has removed the draft.
        if access(path(folder), F_OK) != 0 { continue }
        throw error
      }
      for range in shards.ranges {
        guard let other = try lock.take(range) else { continue }
        let what =
          other.count == 1 ? "shard \(other.lowerBound) is" : "shards \(ShardList(other)) are"
        throw Problem(
          folder, "\(what) being made by another dcpt-data",
          fix: "wait until it ends, or make other shards with --shards")
      }
      if lock.isCurrent { return lock }
    }
  }

  /// Removes half-written files that killed processes left.
  ///
  /// Their locks are ours now, so nobody writes them; those of other shards may be at work, on another
  /// machine even.
  private func removeLeftovers(of shards: ShardList, all: Bool) {
    let ours = Set(shards.numbers.map { ShardEntry.fileName($0).dropLast(".tar".count) })
    let common = [Manifest.fileName, DataSetSums.fileName, SetPlan.fileName, "set.json"]
    for place in [folder, Draft.path(folder)] {
      for name in fileNames(in: place) where name.hasPrefix(".") {
        let parts = name.dropFirst().split(separator: ".")
        guard parts.count > 1, let end = parts.last, end.hasPrefix("tmp-") else { continue }
        let file = parts.dropLast().joined(separator: ".")
        if ours.contains(parts[0]) || all && common.contains(file) { unlink(place + "/" + name) }
      }
    }
  }
}
