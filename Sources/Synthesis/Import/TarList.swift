import Basics
import Glibc

/// The tars that a user names, by paths and patterns.
struct TarList {
  let paths: [String]
  /// The paths without the folders that all have in common: what records call the tars by.
  let names: [String]

  /// Finds the files.
  ///
  /// - Parameter patterns: Paths, or patterns of a shell: `data/train-*.tar`, `{a,b}/*.tar`.
  /// - Throws: `Problem` when no file fits one of them.
  init(_ patterns: [String]) throws(Problem) {
    var paths: [String] = []
    for pattern in patterns {
      let found = access(pattern, F_OK) == 0 ? [pattern] : TarList.files(fitting: pattern)
      guard !found.isEmpty else {
        throw Problem("--tars", "no file fits '\(pattern)'", fix: "check the path or the pattern")
      }
      for path in found where !paths.contains(path) { paths.append(path) }
    }
    self.paths = paths
    names = TarList.names(of: paths)
  }

  /// The files that fit a pattern, sorted.
  private static func files(fitting pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, GLOB_BRACE, nil, &found) == 0, let list = found.gl_pathv else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { list[$0].map { String(cString: $0) } }
  }

  private static func names(of paths: [String]) -> [String] {
    let parts = paths.map { $0.split(separator: "/") }
    guard let first = parts.first else { return [] }
    let shortest = parts.reduce(first.count) { min($0, $1.count) } - 1
    let common = (0..<max(shortest, 0)).prefix { i in parts.allSatisfy { $0[i] == first[i] } }.count
    return parts.map { $0.dropFirst(common).joined(separator: "/") }
  }
}
