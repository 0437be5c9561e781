import Basics
import Glibc
import Records

/// A data set that is not finished: a hidden file says which one, so that a later run can go on with
/// its shards, and no other run mixes its own among them.
struct Draft {
  private static let fileName = ".dcpt-draft.json"

  private let folder: String
  private let identity: String
  private(set) var textSize: Int

  /// Begins a draft in a folder, or goes on with the one that is there.
  ///
  /// - Throws: `Problem` when the folder holds another set, finished or not.
  init(_ folder: String, identity: String, textSize: Int) throws(Problem) {
    (self.folder, self.identity, self.textSize) = (folder, identity, textSize)
    removeLeftovers()
    let path = folder + "/" + Draft.fileName
    let manifestPath = folder + "/" + Manifest.fileName
    if access(path, F_OK) == 0 {
      let json = try JSON(parsing: try readFile(path), place: path)
      guard json["identity"]?.string == identity else {
        throw other("an unfinished data set of another recipe, seed or other pictures")
      }
      self.textSize = json["text_size"]?.integer ?? textSize
    } else if access(manifestPath, F_OK) == 0 {
      let manifest = try Manifest(reading: manifestPath)
      let found = Draft.identity(
        recipe: manifest.recipe, split: manifest.split, tool: manifest.tool,
        sources: manifest.sources)
      guard found == identity else {
        throw other("the data set '\(manifest.name)' of another recipe, seed or other pictures")
      }
      self.textSize = manifest.recordTextSize
    } else if access(folder + "/" + ShardEntry.fileName(0), F_OK) == 0 {
      throw other("shards without a manifest")
    }
    try save()
  }

  /// Starts again with labels of more bytes.
  mutating func enlarge(by bytes: Int) throws(Problem) {
    textSize += bytes
    try save()
  }

  /// Ends the draft: the set is finished.
  func remove() { unlink(folder + "/" + Draft.fileName) }

  /// The digest of everything that decides the bytes of a set's shards.
  static func identity(recipe: JSON, split: String, tool: JSON, sources: [Manifest.Source])
    -> String
  {
    let whole: JSON = [
      "recipe": recipe, "split": .string(split), "tool": tool,
      "sources": .array(
        sources.map { source in
          .string(
            ([source.id, source.sha256] + source.channelNotes + source.depthDigest)
              .joined(separator: " "))
        }),
    ]
    return Digest.sha256(Array(whole.canonical.utf8))
  }

  private func save() throws(Problem) {
    let json: JSON = ["identity": .string(identity), "text_size": .integer(textSize)]
    try AtomicFile.write(json.compact + "\n", to: folder + "/" + Draft.fileName)
  }

  private func other(_ what: String) -> Problem {
    Problem(folder, "holds \(what)", fix: "choose another folder for --out, or remove this one")
  }

  /// Removes half-written files of runs that are gone.
  private func removeLeftovers() {
    for name in fileNames(in: folder) where name.hasPrefix(".") {
      let parts = name.split(separator: "-")
      guard parts.count > 1, parts[parts.count - 2].hasSuffix(".tmp"),
        let process = parts.last.flatMap({ pid_t($0) }), kill(process, 0) != 0, errno == ESRCH
      else { continue }
      unlink(folder + "/" + name)
    }
  }
}

extension Manifest.Source {
  /// What its records' labels say about its channels.
  fileprivate var channelNotes: [String] { channels.members.map(\.key) }

  /// The digest of its depth map, when it has one.
  fileprivate var depthDigest: [String] { depth.map { [$0.sha256] } ?? [] }
}
