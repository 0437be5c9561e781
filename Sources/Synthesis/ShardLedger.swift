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
    /// Its line in the manifest.
    let entry: ShardEntry
    /// The bytes that each record's label fills.
    let textSize: Int
  }

  private let folder: String
  private let identity: String

  /// The ledger in a draft's folder, for the set of that identity.
  init(_ folder: String, identity: String) { (self.folder, self.identity) = (folder, identity) }

  /// The note about a shard; nil when there is none, or it is another set's.
  subscript(file: String) -> Note? {
    guard let bytes = try? readFile(path(file)),
      let json = try? JSON(parsing: bytes, place: file), json["identity"]?.string == identity,
      let textSize = json["text_size"]?.integer, let line = json["entry"],
      let entry = try? ShardEntry(line, place: file), entry.file == file
    else { return nil }
    return Note(entry: entry, textSize: textSize)
  }

  /// Notes that a shard is finished.
  func write(_ note: Note) throws(Problem) {
    let json: JSON = [
      "identity": .string(identity), "text_size": .integer(note.textSize),
      "entry": note.entry.json,
    ]
    try AtomicFile.write(json.compact + "\n", to: path(note.entry.file))
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
