import Basics
import Glibc

/// A file mapped read-only, as long as the value lives.
///
/// Its size is compared with what is expected on the open descriptor before anything is read: touching
/// a map beyond the end of its file would kill the process.
public final class MappedFile: Sendable {
  /// Where the file lies.
  public let path: String
  /// The content; valid as long as this object is.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// Maps a whole file.
  ///
  /// - Parameter expected: The size that the file must have; nil takes any.
  /// - Throws: `Problem` when it cannot be opened, is no regular file, or has another size.
  public init(_ path: String, expecting expected: Int? = nil) throws(Problem) {
    self.path = path
    // A pipe of that name must not be waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw systemProblem(path, "cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemProblem(path, "cannot be read") }
    let size = try MappedFile.size(status, path, expecting: expected)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard address != MAP_FAILED else { throw systemProblem(path, "cannot be mapped") }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  /// Checks that a file is there and as large as expected, without opening it.
  ///
  /// - Throws: `Problem` as mapping it would.
  static func check(_ path: String, expecting expected: Int) throws(Problem) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw systemProblem(path, "cannot be opened") }
    _ = try size(status, path, expecting: expected)
  }

  private static func size(_ status: stat, _ path: String, expecting expected: Int?)
    throws(Problem) -> Int
  {
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Problem(path, "is not a file", fix: "give the path of a file")
    }
    let size = Int(status.st_size)
    if let expected, size != expected {
      throw Problem(
        path, "has \(size) bytes, the manifest says \(expected)",
        fix: "the shard was cut or replaced: restore it or make the set again")
    }
    return size
  }

  deinit {
    if let address = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
    }
  }
}
