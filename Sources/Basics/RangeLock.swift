import Glibc

/// Locks on ranges of numbers that processes share through a file, on one machine or on several.
///
/// They are the kernel's locks on the file's bytes (`F_OFD_SETLK`), of which only the numbers are used:
/// the file stays empty. The kernel lets go of them when the process ends, however it ends, so that
/// none is left behind. Two values of one process exclude each other as two processes do.
public final class RangeLock: Sendable {
  // From <fcntl.h>, where they are hidden from Swift.
  private static let (get, set, wait): (Int32, Int32, Int32) = (36, 37, 38)

  private let path: String
  private let descriptor: Int32

  /// Opens the file, which is made when it is missing.
  public init(_ path: String) throws(Problem) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemProblem(path, "cannot be opened") }
  }

  deinit { close(descriptor) }

  /// Takes a range, unless another holds a part of it.
  ///
  /// - Returns: nil when it was taken, otherwise the part that another holds.
  /// - Throws: `Problem` when the file system has no locks.
  public func take(_ range: Range<Int>) throws(Problem) -> Range<Int>? {
    while true {
      if try call(RangeLock.set, F_WRLCK, range) != nil { return nil }
      guard let other = try call(RangeLock.get, F_WRLCK, range) else { return range }
      // Between the two calls the other may have let go.
      guard other.l_type != F_UNLCK else { continue }
      let start = Int(other.l_start)
      let end = other.l_len == 0 ? range.upperBound : start + Int(other.l_len)
      return range.clamped(to: start..<end)
    }
  }

  /// Takes a range, waiting for others to let go of it.
  public func waitFor(_ range: Range<Int>) throws(Problem) {
    _ = try call(RangeLock.wait, F_WRLCK, range)
  }

  /// Lets go of a range.
  public func release(_ range: Range<Int>) throws(Problem) {
    _ = try call(RangeLock.set, F_UNLCK, range)
  }

  /// Whether the file still stands under its name: the last to finish may have removed it.
  public var isCurrent: Bool {
    var (mine, named) = (stat(), stat())
    return fstat(descriptor, &mine) == 0 && stat(path, &named) == 0
      && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
  }

  /// Calls the system; nil when another holds the range.
  private func call(_ command: Int32, _ type: Int32, _ range: Range<Int>) throws(Problem)
    -> Glibc.flock?
  {
    var lock = Glibc.flock()
    lock.l_type = Int16(type)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = range.lowerBound
    lock.l_len = range.count
    while true {
      if fcntl(descriptor, command, &lock) == 0 { return lock }
      if errno == EINTR { continue }
      if errno == EAGAIN || errno == EACCES { return nil }
      let problem = systemProblem(path, "cannot be locked")
      throw Problem(
        problem.place, problem.what,
        fix: "choose a folder whose file system has locks, one on a disk of this machine")
    }
  }
}
