import Basics
import Images
import Records

/// The pictures of a folder by their paths without extension.
struct PictureFolder {
  /// The paths without extension, sorted.
  let stems: [String]
  /// Pictures whose path differs from another's in the extension only.
  private(set) var doubles: [Manifest.SetAside] = []
  private var paths: [String: String] = [:]

  /// Lists a folder and the folders below it.
  ///
  /// - Throws: `Problem` when it cannot be read.
  init(_ folder: String) throws(Problem) {
    for path in try PictureFile.list(folder) {
      let stem = PictureFolder.stem(path)
      if let other = paths[stem] {
        doubles.append(.init(file: path, reason: "has the name of \(other)"))
      } else {
        paths[stem] = path
      }
    }
    stems = paths.keys.sorted()
  }

  /// The path with its extension.
  subscript(stem: String) -> String? { paths[stem] }

  /// A path without its extension.
  static func stem(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }
}
