import Basics
import Glibc

/// Writes a shard from its first record to its last under a hidden name, and then publishes it.
///
/// A writer that is dropped before `finish()` leaves nothing behind.
public struct ShardWriter: ~Copyable {
  private let path: String
  private let temporary: TemporaryFile
  private var bytes = ShardBytes()

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
    try temporary.file.write(bytes.next(record))
  }

  /// Ends the archive, syncs it and gives it its name.
  ///
  /// - Parameter digest: The SHA-256 that it must have, when that is known.
  /// - Throws: `Problem` when it has another; what stands under its name is then left as it is.
  public consuming func finish(expecting digest: String? = nil) throws(Problem) -> Result {
    let path = path
    return try finish { result throws(Problem) in
      guard let digest, digest != result.sha256 else { return }
      throw Problem(
        path, "made again it has SHA-256 \(result.sha256), its set says \(digest)",
        fix: "recipe, pictures or program are not those of the set; nothing was replaced")
    }
  }

  /// Ends the archive, syncs it and gives it its name unless `check` throws.
  ///
  /// - Parameter check: Looks at what the file would be.
  consuming func finish(checking check: (Result) throws(Problem) -> Void) throws(Problem) -> Result
  {
    let (end, result) = bytes.end()
    try temporary.file.write(end)
    try check(result)
    try temporary.publish()
    return result
  }
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
