import Glibc

/// Files that appear under their final name whole or not at all.
public enum AtomicFile {
  /// Writes `bytes` to a hidden temporary file beside `path`, syncs it, and renames it over `path`.
  ///
  /// - Throws: `Problem` naming the path and the system's reason (a full disk, a missing folder); the
  ///   temporary file is removed and what stood under `path` before is untouched.
  public static func write(_ bytes: [UInt8], to path: String) throws(Problem) {
    let temporary = temporaryPath(for: path)
    do throws(Problem) {
      let file = try OutputFile(temporary, reportedAs: path)
      try file.write(bytes)
      try file.close()
      try publish(temporary, as: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Writes text, as `write(_:to:)` does.
  public static func write(_ text: String, to path: String) throws(Problem) {
    try write(Array(text.utf8), to: path)
  }

  /// Renames a finished temporary file to its final name and syncs the folder.
  ///
  /// - Throws: `Problem` when it cannot be renamed; or when the folder cannot be synced, so that the
  ///   name might be gone after a crash of the machine.
  public static func publish(_ temporary: String, as path: String) throws(Problem) {
    guard rename(temporary, path) == 0 else { throw systemProblem(path, "cannot be put in place") }
    try syncFolder(folder(of: path))
  }

  /// The name under which a file is written before it is published.
  public static func temporaryPath(for path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return folder(of: path) + "/." + name + ".tmp-\(getpid())"
  }

  /// The name of the file that a temporary one stands for; nil when the name is not that of one.
  ///
  /// For who removes what killed processes left.
  package static func target(ofTemporary name: String) -> String? {
    let parts = name.dropFirst().split(separator: ".")
    guard name.hasPrefix("."), parts.count > 1, let end = parts.last, end.hasPrefix("tmp-") else {
      return nil
    }
    return parts.dropLast().joined(separator: ".")
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// Brings the names in a folder to the disk: syncing a file does not sync its name.
///
/// - Throws: `Problem` with the system's reason, an error of the disk most likely.
func syncFolder(_ path: String) throws(Problem) {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  // A folder that may be written and not read cannot be opened, and so not be synced.
  if descriptor < 0 && errno == EACCES { return }
  guard descriptor >= 0 else { throw systemProblem(path, "cannot be opened") }
  defer { close(descriptor) }
  // Some network file systems have nothing to sync a folder to, and say so by EINVAL.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw systemProblem(path, "cannot be synced")
  }
}

/// A file being written from start to end.
public final class OutputFile {
  private let path: String
  private var descriptor: Int32

  /// Creates or empties the file; problems are reported under `name`.
  public init(_ path: String, reportedAs name: String? = nil) throws(Problem) {
    self.path = name ?? path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemProblem(self.path, "cannot be created") }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Appends all of `bytes`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    var rest = bytes
    while !rest.isEmpty {
      let n = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if n < 0 {
        if errno == EINTR { continue }
        throw systemProblem(path, "cannot be written")
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[n...])
    }
  }

  /// Appends an array.
  public func write(_ bytes: [UInt8]) throws(Problem) {
    try bytes.withBytes { buffer throws(Problem) in try write(buffer) }
  }

  /// Syncs the file to the disk and closes it.
  public func close() throws(Problem) {
    let synced = fsync(descriptor) == 0
    let closed = Glibc.close(descriptor) == 0
    descriptor = -1
    guard synced && closed else { throw systemProblem(path, "cannot be written to the end") }
  }
}

/// The problem that the last failed system call reports through `errno`.
public func systemProblem(_ path: String, _ what: String) -> Problem {
  let code = errno
  let fixes: [Int32: String] = [
    ENOSPC: "free some disk space or choose another folder",
    ENOENT: "check the path; the folder must exist",
    EACCES: "check the permissions of the file and its folder",
    EROFS: "choose a folder that can be written",
    EDQUOT: "your share of the disk is used up: free some of it or choose another folder",
    EFBIG: "files may not become this large here: raise the limit (ulimit -f) or make smaller ones",
  ]
  return Problem(path, "\(what): \(String(cString: strerror(code)))", fix: fixes[code] ?? "")
}

/// Returns a part of a file.
///
/// - Throws: `Problem` with the system's reason, or when the file ends before the part does.
public func readFile(_ path: String, _ part: Range<Int>) throws(Problem) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemProblem(path, "cannot be opened") }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw systemProblem(path, "cannot be read") }
  // Compared before memory is taken: the part may come from a damaged file's own words.
  guard part.upperBound <= Int(status.st_size) else {
    throw Problem(path, "has \(status.st_size) bytes, a part ends at \(part.upperBound)")
  }
  var bytes = [UInt8](repeating: 0, count: part.count)
  var filled = 0
  while filled < bytes.count {
    let n = bytes.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map {
        pread(descriptor, $0 + filled, buffer.count - filled, part.lowerBound + filled)
      } ?? 0
    }
    if n < 0 && errno == EINTR { continue }
    guard n >= 0 else { throw systemProblem(path, "cannot be read") }
    guard n > 0 else { throw Problem(path, "was cut short while it was read") }
    filled += n
  }
  return bytes
}

/// Returns the whole content of a file.
///
/// - Throws: `Problem` with the system's reason when it cannot be read.
public func readFile(_ path: String) throws(Problem) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemProblem(path, "cannot be opened") }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw systemProblem(path, "cannot be read") }
  guard status.st_mode & S_IFMT != S_IFDIR else {
    throw Problem(path, "is a folder", fix: "give a file")
  }
  // The size is a hint only: files of /proc and pipes say 0, and a file may grow while it is read.
  var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
  var filled = 0
  while true {
    if filled == bytes.count { bytes += [UInt8](repeating: 0, count: max(bytes.count, 4096)) }
    let n = bytes.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { read(descriptor, $0 + filled, buffer.count - filled) } ?? 0
    }
    if n < 0 && errno == EINTR { continue }
    guard n >= 0 else { throw systemProblem(path, "cannot be read") }
    guard n > 0 else { break }
    filled += n
  }
  bytes.removeLast(bytes.count - filled)
  return bytes
}
