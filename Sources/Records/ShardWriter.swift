import Basics
import Glibc

/// Writes a shard from its first record to its last under a hidden name, and then publishes it.
///
/// A writer that is dropped before `finish()` leaves nothing behind.
public struct ShardWriter: ~Copyable {
  private let path: String
  private let temporary: TemporaryFile
  private let digest = Digest()
  private var size = 0
  /// The members of each kind of record; one kind means one stride.
  private var layouts: Set<[MemberLayout]> = []
  private var firstSize = 0
  private var records = 0

  /// What a finished shard contributes to its manifest.
  public struct Result: Sendable, Equatable {
    /// The file's size.
    public let bytes: Int
    /// The count of records.
    public let records: Int
    /// The file's SHA-256 in hexadecimal.
    public let sha256: String
    /// The bytes of one record when the members of all have the same sizes.
    public let stride: Int?
  }

  /// Starts the shard that will stand at `path`.
  public init(path: String) throws(Problem) {
    self.path = path
    temporary = try TemporaryFile(for: path)
  }

  /// Appends a record.
  public mutating func append(_ record: Record) throws(Problem) {
    var block: [UInt8] = []
    block.reserveCapacity(record.members.reduce(0) { $0 + $1.bytes.count + 1024 })
    for (name, bytes) in record.members {
      let file = record.key + "." + name
      block += TarHeader.bytes(name: file, size: bytes.count)
      block += bytes
      block += [UInt8](repeating: 0, count: TarHeader.padded(bytes.count) - bytes.count)
    }
    try put(block)
    layouts.insert(record.members.map { MemberLayout(field: $0.name, size: $0.bytes.count) })
    if records == 0 { firstSize = block.count }
    records += 1
  }

  /// Ends the archive, syncs it and gives it its name.
  ///
  /// - Parameter digest: The SHA-256 that it must have, when that is known.
  /// - Throws: `Problem` when it has another; what stands under its name is then left as it is.
  public consuming func finish(expecting digest: String? = nil) throws(Problem) -> Result {
    let unit = TarHeader.archiveUnit
    let end = (size + 2 * TarHeader.blockSize + unit - 1) / unit * unit
    try put([UInt8](repeating: 0, count: end - size))
    let result = Result(
      bytes: size, records: records, sha256: self.digest.finish(),
      stride: layouts.count == 1 ? firstSize : nil)
    if let digest, digest != result.sha256 {
      throw Problem(
        path, "made again it has SHA-256 \(result.sha256), its set says \(digest)",
        fix: "recipe, pictures or program are not those of the set; nothing was replaced")
    }
    try temporary.publish()
    return result
  }

  private mutating func put(_ bytes: [UInt8]) throws(Problem) {
    try temporary.file.write(bytes)
    bytes.withUnsafeBytes { digest.update($0) }
    size += bytes.count
  }
}

/// What one member of a record looks like from outside.
struct MemberLayout: Hashable {
  let field: String
  let size: Int
}

/// A file under a hidden name, removed unless it is published.
final class TemporaryFile {
  let file: OutputFile
  private let hidden: String
  private let final: String
  private var isPublished = false

  init(for path: String) throws(Problem) {
    final = path
    hidden = AtomicFile.temporaryPath(for: path)
    file = try OutputFile(hidden, reportedAs: path)
  }

  deinit { if !isPublished { unlink(hidden) } }

  func publish() throws(Problem) {
    try file.close()
    try AtomicFile.publish(hidden, as: final)
    isPublished = true
  }
}
