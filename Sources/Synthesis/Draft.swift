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

  private static let descriptionFile = "set.json"
  /// The files that belong to no shard.
  private static let commonFiles = [
    Manifest.fileName, DataSetSums.fileName, SetPlan.fileName, descriptionFile,
  ]

  let folder: String
  /// The bytes that each record's label fills.
  private(set) var textSize: Int
  /// Notes about finished shards.
  let ledger: ShardLedger

  private let identity: String
  private let found: FoundSet
  private let locks: ShardLocks

  /// Begins a draft, or goes on with the one that is there.
  ///
  /// - Parameters:
  ///   - folder: The set's folder.
  ///   - shards: Those that no other process may make as long as this value lives.
  ///   - resumes: Whether a manifest that is lost or damaged is to be made again.
  /// - Throws: `Problem` when the folder holds another set, or another process makes such a shard.
  init(
    _ folder: String, plan: some SetDescription, shards: ShardList, resumes: Bool = false
  ) throws(Problem) {
    // First without a lock: a folder of another set is left as it is.
    _ = try FoundSet(folder, plan, resumes: resumes)
    self.folder = folder
    identity = plan.identity
    locks = try ShardLocks(shards, of: folder, advice: plan.adviceWhenLocked)
    ledger = ShardLedger(ShardLocks.folder(in: folder), identity: identity)
    try locks.holdDescription()
    found = try FoundSet(folder, plan, resumes: resumes)
    textSize = found.textSize ?? Draft.textUnit
    let isAll = shards == ShardList(all: plan.shards)
    locks.removeLeftovers(and: isAll ? Draft.commonFiles : [])
    try save()
    try locks.releaseDescription()
  }

  /// Makes room for labels of more bytes than now.
  mutating func enlarge() throws(Problem) {
    try locks.holdDescription()
    // Another job may have met such a label before.
    let json = try? JSON(parsing: try readFile(Draft.descriptionPath(folder)), place: folder)
    textSize = max(textSize + Draft.textUnit, json?["text_size"]?.integer ?? 0)
    try save()
    try locks.releaseDescription()
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
    try locks.holdDescription()
    if access(path, F_OK) != 0 { try AtomicFile.write(plan.json.pretty, to: path) }
    try locks.releaseDescription()
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
    locks.removeFolder()
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
  static func descriptionPath(_ folder: String) -> String {
    ShardLocks.folder(in: folder) + "/" + descriptionFile
  }
}
