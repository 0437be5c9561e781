import Basics
import Glibc

/// A JSON-lines file that grows by whole lines.
public final class LogFile {
  private let path: String
  private let descriptor: Int32

  /// Opens the file for appending; on resuming, lines of iterations after `iteration` go first, because
  /// those iterations will be done again, and so does a line torn by a kill.
  public init(_ path: String, resumingAfter iteration: Int? = nil) throws(Problem) {
    self.path = path
    try LogFile.rewind(path, to: iteration)
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemProblem(path, "cannot be opened") }
  }

  deinit { close(descriptor) }

  /// Appends one value as a line, with a single write.
  public func append(_ value: JSON) throws(Problem) {
    var line = value.compact + "\n"
    let written = line.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
    guard written == line.utf8.count else { throw systemProblem(path, "cannot be written") }
  }

  /// The lines of a log, without a torn last one.
  public static func read(_ path: String) throws(Problem) -> [JSON] {
    var lines: [JSON] = []
    let pieces = try readFile(path).split(separator: 10)
    for (i, piece) in pieces.enumerated() {
      do throws(Problem) {
        lines.append(try JSON(parsing: piece, place: "\(path):\(i + 1)"))
      } catch {
        guard i == pieces.count - 1 else { throw error }
      }
    }
    return lines
  }

  private static func rewind(_ path: String, to iteration: Int?) throws(Problem) {
    guard access(path, F_OK) == 0 else { return }
    guard let iteration else { return try AtomicFile.write("", to: path) }
    let kept = try read(path).filter { ($0["iteration"]?.integer ?? 0) <= iteration }
    try AtomicFile.write(kept.map { $0.compact + "\n" }.joined(), to: path)
  }
}
