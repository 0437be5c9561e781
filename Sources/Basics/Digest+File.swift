import CCrypto
import Glibc

extension Digest {
  /// The piece of a file that is read at once: it stays in the second cache while it is hashed.
  private static let piece = 1 << 18

  /// Returns SHA-256 and size of a file.
  ///
  /// It is read, not mapped: a file that is cut short meanwhile ends the reading, not the process.
  ///
  /// - Parameter read: Called with the bytes of each piece that is done.
  /// - Throws: `Problem` with the system's reason when it cannot be read, or is no file.
  public static func file(_ path: String, read: (Int) -> Void = { _ in }) throws(Problem)
    -> (sha256: String, bytes: Int)
  {
    // A pipe of that name must not be waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw systemProblem(path, "cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemProblem(path, "cannot be read") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Problem(path, "is not a file", fix: "give the path of a file")
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 64)
    defer { buffer.deallocate() }
    let digest = Digest()
    var size = 0
    while true {
      let n = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if n < 0 && errno == EINTR { continue }
      guard n >= 0 else { throw systemProblem(path, "cannot be read") }
      guard n > 0 else { break }
      digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<n]))
      size += n
      read(n)
    }
    return (digest.finish(), size)
  }
}
