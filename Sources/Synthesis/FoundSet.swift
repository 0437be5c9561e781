import Basics
import Glibc
import Records

/// What a folder holds of a set before a run: read only, and compared with what the run wants.
struct FoundSet: Sendable {
  /// The bytes of a label in that set; nil when nothing says so, as when no shard of it is left.
  private(set) var textSize: Int?
  /// The SHA-256 of the files of a finished set, by name.
  private(set) var digests: [String: String] = [:]
  /// The shards of an intact manifest, by name.
  private(set) var entries: [String: ShardEntry] = [:]
  /// The SHA-256 of a manifest that is lost or damaged.
  private(set) var lostManifest: String?

  private let folder: String

  /// Looks at a folder.
  ///
  /// - Parameter resumes: Whether a manifest that is lost or damaged is to be made again.
  /// - Throws: `Problem` when it holds another set, or a damaged one that is not to be mended.
  init(_ folder: String, _ plan: some SetDescription, resumes: Bool) throws(Problem) {
    self.folder = folder
    let identity = plan.identity
    if let found = try SetPlan(in: folder), found.identity != identity {
      throw other("the plan of another recipe, seed or other pictures")
    }
    let draft = try draft()
    if let draft, draft.identity != identity {
      throw other("an unfinished data set of another recipe, seed or other pictures")
    }
    switch manifest {
    case .success(let manifest?): try read(manifest, identity)
    // Who began a draft knows the set, whatever became of its manifest.
    case .success(nil): if draft == nil { try mendLost(resumes) }
    case .failure(let problem): if draft == nil { try mend(problem, resumes) }
    }
    textSize = draft?.textSize ?? textSize
  }

  private var manifest: Result<Manifest?, Problem> {
    let path = folder + "/" + Manifest.fileName
    guard access(path, F_OK) == 0 else { return .success(nil) }
    do throws(Problem) { return .success(try Manifest(reading: path)) } catch {
      return .failure(error)
    }
  }

  /// A set without draft and manifest can only be one whose manifest was lost.
  private mutating func mendLost(_ resumes: Bool) throws(Problem) {
    guard !FoundSet.shards(in: folder).isEmpty else { return }
    guard access(folder + "/" + DataSetSums.fileName, F_OK) == 0 else {
      throw other("shards without a manifest")
    }
    try mend(Problem(folder, "holds shards, but its manifest.json is gone"), resumes)
  }

  /// The names of the shards in a folder.
  static func shards(in folder: String) -> [String] {
    fileNames(in: folder).filter { $0.hasPrefix("shard-") && $0.hasSuffix(".tar") }
  }

  private mutating func mend(_ problem: Problem, _ resumes: Bool) throws(Problem) {
    guard resumes else {
      throw Problem(
        problem.place, problem.what,
        fix: "add --resume to make it again from recipe, pictures and shards")
    }
    try readSums()
  }

  private mutating func read(_ manifest: Manifest, _ identity: String) throws(Problem) {
    guard SetPlan.identity(of: manifest) == identity else {
      throw other("the data set '\(manifest.name)' of another recipe, seed or other pictures")
    }
    textSize = manifest.recordTextSize
    for shard in manifest.shards {
      (digests[shard.file], entries[shard.file]) = (shard.sha256, shard)
    }
  }

  /// The list of digests proves what a lost manifest would: that shards and manifest are the set's.
  private mutating func readSums() throws(Problem) {
    let path = folder + "/" + DataSetSums.fileName
    let text = String(decoding: try readFile(path), as: UTF8.self)
    for line in text.split(separator: "\n") {
      let (digest, name) = (line.prefix(64), line.dropFirst(66))
      guard digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit), !name.contains("/"),
        line.dropFirst(64).hasPrefix("  ")
      else { throw Problem(path, "the line '\(line)' is damaged", fix: "restore the file") }
      digests[String(name)] = String(digest)
    }
    lostManifest = digests[Manifest.fileName]
    guard lostManifest != nil else {
      throw Problem(
        path, "has no line for \(Manifest.fileName), which is damaged too",
        fix: "restore one of them, or make the set in another folder")
    }
    textSize = shardTextSize()
  }

  /// The bytes of a label in the shards that are there; one that is as it was written goes first.
  private func shardTextSize() -> Int? {
    var doubtful: Int?
    for (file, digest) in digests.sorted(by: { $0.key < $1.key }) where file.hasSuffix(".tar") {
      guard let shard = try? MappedFile(folder + "/" + file) else { continue }
      let first = ShardIndex(scanning: shard.bytes).records.first
      guard let size = first?[Record.textField]?.size else { continue }
      let found = Digest()
      found.update(shard.bytes)
      if found.finish() == digest { return size }
      doubtful = doubtful ?? size
    }
    return doubtful
  }

  private func draft() throws(Problem) -> (identity: String, textSize: Int)? {
    let path = Draft.descriptionPath(folder)
    guard access(path, F_OK) == 0 else { return nil }
    let json = try? JSON(parsing: try readFile(path), place: path)
    guard let identity = json?["identity"]?.string, let size = json?["text_size"]?.integer, size > 0
    else {
      throw Problem(path, "is damaged", fix: "remove it, and start the same command again")
    }
    return (identity, size)
  }

  private func other(_ what: String) -> Problem {
    Problem(folder, "holds \(what)", fix: "choose another folder for --out, or remove this one")
  }
}
