import Basics
import Glibc

/// A folder that records are exported into: nothing else is in it, and one process at a time writes it.
///
/// A note says what is exported into it, so that a run that was ended goes on and another set stays out.
struct ExportFolder {
  private static let noteFile = "export.json"
  private static let lockFile = ".dcpt-export"

  private let path: String
  private let lock: RangeLock

  /// Takes a folder, which is created when it is missing.
  ///
  /// - Throws: `Problem` when it holds other things, or another process exports into it.
  init(_ path: String, note: JSON) throws(Problem) {
    // First without a lock: a folder of other things is left as it is.
    try ExportFolder.check(path, note)
    try createFolder(path)
    self.path = path
    lock = try ExportFolder.lock(path)
    try ExportFolder.check(path, note)
    ExportFolder.removeLeftovers(path)
    let file = path + "/" + ExportFolder.noteFile
    if access(file, F_OK) != 0 { try AtomicFile.write(note.pretty, to: file) }
  }

  /// Lets others at the folder.
  func leave() { unlink(path + "/" + ExportFolder.lockFile) }

  private static func lock(_ path: String) throws(Problem) -> RangeLock {
    while true {
      let lock = try RangeLock(path + "/" + lockFile)
      guard try lock.take(0..<1) == nil else {
        throw Problem(
          path, "another dcpt-data exports into it", fix: "wait until it ends, or choose another")
      }
      if lock.isCurrent { return lock }
    }
  }

  private static func check(_ path: String, _ note: JSON) throws(Problem) {
    let file = path + "/" + noteFile
    guard access(file, F_OK) == 0 else {
      let others = fileNames(in: path).filter {
        $0 != lockFile && AtomicFile.target(ofTemporary: $0) != noteFile
      }
      guard let first = others.first else { return }
      throw Problem(
        path, "holds other things: '\(first)'", fix: "choose a folder that is empty or missing")
    }
    let found = try JSON(parsing: try readFile(file), place: file)
    if let other = note.object?.first(where: { found[$0.key] != $0.value }) {
      let there = found[other.key]?.compact ?? "nothing"
      throw Problem(
        path, "holds another export: its '\(other.key)' is \(there), not \(other.value.compact)",
        fix: "choose another folder for --out, or remove this one")
    }
  }

  /// Removes half-written files that killed runs left, here and in the folders below.
  private static func removeLeftovers(_ folder: String) {
    for name in fileNames(in: folder) {
      let path = folder + "/" + name
      if AtomicFile.target(ofTemporary: name) != nil {
        unlink(path)
      } else if !name.hasSuffix(".png"), !name.hasSuffix(".npy") {
        // What is no folder has no names.
        removeLeftovers(path)
      }
    }
  }
}
