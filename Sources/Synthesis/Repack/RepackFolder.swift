import Basics
import Glibc
import Records

/// The folder that a repacked set is written into: kept from others while it is unfinished, with a note
/// about each finished shard.
///
/// It lies where the draft of a set that is synthesised lies, so that neither program takes the other's
/// folder for its own.
struct RepackFolder: Sendable {
  let path: String

  private let identity: String
  private let finished: [String: ShardEntry]
  private let lock: RangeLock

  /// Takes a folder, which is made when it is missing.
  ///
  /// - Throws: `Problem` when it holds another set, or another process writes into it; then it is left
  ///   as it is.
  init(_ path: String, for plan: RepackPlan) throws(Problem) {
    self.path = path
    identity = RepackFolder.identity(of: plan)
    // First without a lock: a folder of another set is left as it is.
    _ = try RepackFolder.entries(in: path, plan, identity)
    lock = try RepackFolder.lock(path)
    finished = try RepackFolder.entries(in: path, plan, identity)
    removeLeftovers()
    let json: JSON = [
      "identity": .string(identity), "text_size": .integer(plan.manifest.recordTextSize),
    ]
    try AtomicFile.write(json.compact + "\n", to: Draft.descriptionPath(path))
  }

  /// The shard's line, when it is there with every bit that it was finished with.
  func finishedEntry(_ file: String) -> ShardEntry? {
    guard let entry = note(file) ?? finished[file],
      let found = try? Digest.file(path + "/" + file), found.sha256 == entry.sha256
    else { return nil }
    return entry
  }

  /// Notes that a shard is finished.
  func note(_ entry: ShardEntry) throws(Problem) {
    let json: JSON = ["identity": .string(identity), "entry": entry.json]
    try AtomicFile.write(json.compact + "\n", to: notePath(entry.file))
  }

  /// Writes the manifest, which finishes the set, and ends the draft.
  func seal(_ manifest: Manifest) throws(Problem) {
    try DataSetSums.write(manifest, in: path)
    try manifest.write(to: path + "/" + Manifest.fileName)
    removeDraft()
  }

  /// Ends a draft that holds nothing.
  func leave() {
    if FoundSet.shards(in: path).isEmpty || !finished.isEmpty { removeDraft() }
  }

  private func note(_ file: String) -> ShardEntry? {
    let place = notePath(file)
    guard let json = try? JSON(parsing: try readFile(place), place: place),
      json["identity"]?.string == identity, let entry = json["entry"]
    else { return nil }
    return try? ShardEntry(entry, place: place)
  }

  private func notePath(_ file: String) -> String {
    RepackFolder.draft(path) + "/" + file.dropLast(".tar".count) + ".json"
  }

  private func removeDraft() {
    let draft = RepackFolder.draft(path)
    for name in fileNames(in: draft) { unlink(draft + "/" + name) }
    rmdir(draft)
  }

  /// Removes half-written files that killed processes left: nobody writes them while we hold the lock.
  private func removeLeftovers() {
    for place in [path, RepackFolder.draft(path)] {
      for name in fileNames(in: place) where name.hasPrefix(".") && name.contains(".tmp-") {
        unlink(place + "/" + name)
      }
    }
  }
}

extension RepackFolder {
  /// The digest of everything that decides the bytes of the shards.
  private static func identity(of plan: RepackPlan) -> String {
    let parents = plan.records.parents.map { JSON.string($0.datasetID) }
    let whole: JSON = [
      "manifest": .string(plan.manifest.datasetID), "parents": .array(parents),
      "shards": .array(plan.shards.map { .integer($0.lowerBound) }),
    ]
    return Digest.sha256(Array(whole.canonical.utf8))
  }

  /// The shards of the finished set in a folder; none when it is empty or holds this set unfinished.
  ///
  /// - Throws: `Problem` when it holds another set.
  private static func entries(in folder: String, _ plan: RepackPlan, _ identity: String)
    throws(Problem) -> [String: ShardEntry]
  {
    func other(_ what: String) -> Problem {
      Problem(folder, "holds \(what)", fix: "choose another folder for --out, or remove this one")
    }
    let path = folder + "/" + Manifest.fileName
    if access(path, F_OK) == 0 {
      let found = try Manifest(reading: path)
      guard found.holdingNothing.datasetID == plan.manifest.datasetID,
        found.shards.map(\.first) == plan.shards.map(\.lowerBound)
      else { throw other("the data set '\(found.name)', another one or in another form") }
      return Dictionary(found.shards.map { ($0.file, $0) }) { first, _ in first }
    }
    let description = Draft.descriptionPath(folder)
    if access(description, F_OK) == 0 {
      let json = try? JSON(parsing: try readFile(description), place: description)
      guard json?["identity"]?.string == identity else {
        throw other("another unfinished data set")
      }
    } else if access(folder + "/" + SetPlan.fileName, F_OK) == 0 {
      throw other("the plan of a set that is to be synthesised")
    } else if !FoundSet.shards(in: folder).isEmpty {
      throw other("shards without a manifest")
    }
    return [:]
  }

  /// Takes the lock on all shards' numbers, of which a synthesis takes some.
  private static func lock(_ folder: String) throws(Problem) -> RangeLock {
    while true {
      try createFolder(draft(folder))
      let lock: RangeLock
      do throws(Problem) { lock = try RangeLock(draft(folder) + "/lock") } catch {
        // Whoever finished the set a moment ago has removed the draft.
        if access(draft(folder), F_OK) != 0 { continue }
        throw error
      }
      guard try lock.take(0..<1 << 41) == nil else {
        throw Problem(
          folder, "is being written by another dcpt-data", fix: "wait until it ends")
      }
      if lock.isCurrent { return lock }
    }
  }

  /// The hidden folder of an unfinished set.
  private static func draft(_ folder: String) -> String {
    Manifest.folder(of: Draft.descriptionPath(folder))
  }
}
