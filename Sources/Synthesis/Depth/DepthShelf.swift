import Basics
import Degradations
import Foundation

/// The map of a photograph.
struct DepthEntry: Sendable {
  /// The folder's last name and the path below it.
  let id: String
  /// The path below the folder.
  let file: String
  let path: String
  let sha256: String
}

/// The given maps of a recipe's photographs: found by name, kept in memory while there is room.
///
/// The map of `a/b/photo.jpg` below the second clean folder is `a/b/photo` with an ending of
/// `DepthFile.endings` below the second depth folder.
final class DepthShelf: Sendable {
  private let given: GivenDepth
  private let decoded = MemoryCache<DepthMap>(limit: 1 << 29)

  /// Checks that the folders fit those of the photographs; nil when the recipe gives no maps.
  init?(_ recipe: Recipe) throws(Problem) {
    guard case .given(let given) = recipe.depth else { return nil }
    self.given = given
    let clean = recipe.folders
    guard given.folders.count == clean.count else {
      throw Problem(
        "depth", "\(clean.count) folders of clean pictures have \(given.folders.count) of maps",
        fix: "give a folder of maps for each --clean, in the same order")
    }
    for folder in given.folders {
      guard isFolder(folder) else {
        throw Problem(folder, "is not a folder", fix: "give the folder that holds the depth maps")
      }
      // PNG and TIFF maps there would be taken for clean pictures.
      if let around = clean.first(where: { (full(folder) + "/").hasPrefix(full($0) + "/") }) {
        throw Problem(
          folder, "lies in the folder of clean pictures '\(around)'",
          fix: "move the maps to a folder of their own")
      }
    }
  }

  /// Finds and decodes the map of a picture that is `file` below clean folder number `folder`.
  ///
  /// - Returns: nil when it has none and depth is made up for such.
  /// - Throws: `Problem` when it has none and must have one, and when the map cannot be used.
  func find(_ file: String, folder number: Int, width: Int, height: Int) throws(Problem)
    -> DepthEntry?
  {
    let folder = given.folders[number]
    let stem = DepthShelf.stem(file)
    let names = DepthFile.endings.map { "\(stem).\($0)" }
    guard let name = names.first(where: { access("\(folder)/\($0)", F_OK) == 0 }) else {
      if given.missing == .procedural { return nil }
      let endings = DepthFile.endings.joined(separator: ", .")
      throw Problem(file, "has no depth map '\(lastName(of: folder))/\(stem)' (.\(endings))")
    }
    let path = "\(folder)/\(name)"
    let id = "\(lastName(of: folder))/\(name)"
    do throws(Problem) {
      let bytes = try readFile(path)
      let entry = DepthEntry(id: id, file: name, path: path, sha256: Digest.sha256(bytes))
      decoded[path] = try map(bytes, entry, width, height)
      return entry
    } catch {
      throw Problem(error.place, "has a depth map '\(id)' that \(error.what)", fix: error.fix)
    }
  }

  /// Returns the map of a photograph of the given size.
  ///
  /// - Throws: `Problem` when the file is gone or has changed.
  func map(_ entry: DepthEntry, width: Int, height: Int) throws(Problem) -> DepthMap {
    if let map = decoded[entry.path] { return map }
    let bytes = try readFile(entry.path)
    try requireUnchanged(bytes, entry.path, entry.sha256)
    let map = try map(bytes, entry, width, height)
    decoded[entry.path] = map
    return map
  }

  private func map(_ bytes: [UInt8], _ entry: DepthEntry, _ width: Int, _ height: Int)
    throws(Problem) -> DepthMap
  {
    try DepthMap(
      bytes, id: entry.id, encoding: given.encoding, width: width, height: height,
      place: entry.path)
  }

  /// A path without the ending of its name.
  private static func stem(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }
}

private func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

private func full(_ path: String) -> String {
  URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
}
