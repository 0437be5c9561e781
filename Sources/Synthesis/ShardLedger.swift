import Basics
import Glibc
import Records

/// What a draft remembers of its finished shards: a small file each, so that any number of jobs on any
/// machines write theirs side by side.
///
/// A shard is kept by a later run when its bytes have the digest that was noted as it was written, so
/// damage that came between is not sealed into the manifest.
struct ShardLedger: Sendable {
  /// A finished shard.
  struct Note: Sendable, Equatable {
    let sha256: String
    /// The bytes that each record's label fills.
    let textSize: Int
    /// The count of records of each class that occurs.
    let classes: [JSON.Member]
  }

  private let folder: String
  private let identity: String

  /// The ledger in a draft's folder, for the set of that identity.
  init(_ folder: String, identity: String) { (self.folder, self.identity) = (folder, identity) }

  /// The note about a shard; nil when there is none, or it is another set's.
  subscript(file: String) -> Note? {
    guard let bytes = try? readFile(path(file)),
      let json = try? JSON(parsing: bytes, place: file), json["identity"]?.string == identity,
      let sha256 = json["sha256"]?.string, let textSize = json["text_size"]?.integer,
      let classes = json["classes"]?.object
    else { return nil }
    return Note(sha256: sha256, textSize: textSize, classes: classes)
  }

  /// Notes that a shard is finished.
  func write(_ note: Note, of file: String) throws(Problem) {
    let json: JSON = [
      "identity": .string(identity), "sha256": .string(note.sha256),
      "text_size": .integer(note.textSize), "classes": .object(note.classes),
    ]
    try AtomicFile.write(json.compact + "\n", to: path(file))
  }

  /// Whether there is a note about any shard.
  var isEmpty: Bool { !fileNames(in: folder).contains { $0.hasPrefix("shard-") } }

  /// Removes all notes.
  func clear() {
    for name in fileNames(in: folder) where name.hasPrefix("shard-") {
      unlink(folder + "/" + name)
    }
  }

  private func path(_ file: String) -> String {
    folder + "/" + file.dropLast(".tar".count) + ".json"
  }
}
