import Basics
import Records

extension PhotoLibrary {
  /// The photographs that a manifest lists, in its order; a file is read when a record needs it.
  ///
  /// - Parameters:
  ///   - recipe: The set's recipe, with the folders where its pictures and maps are now.
  ///   - names: What the ids of pictures call those folders.
  /// - Throws: `Problem` when the folders are not as many, or a source belongs to none of them.
  convenience init(listed manifest: Manifest, _ recipe: Recipe, names: [String]) throws(Problem) {
    let count = recipe.folders.count
    guard count == names.count else {
      throw Problem(
        "--clean", "\(count) folders are given, the set was made from \(names.count)",
        fix: "give those that were \(names.joined(separator: ", ")), in this order")
    }
    let shelf = try DepthShelf(recipe)
    var photos: [Photo] = []
    for source in manifest.sources {
      let number = names.firstIndex { source.id == $0 + "/" + source.file }
      guard let number, !source.file.split(separator: "/").contains("..") else {
        throw Problem(
          "sources", "'\(source.id)' lies in none of the folders \(names.joined(separator: ", "))",
          fix: "the manifest is not one that dcpt-data wrote")
      }
      photos.append(Photo(source, in: recipe, folder: number))
    }
    self.init(photos: photos, setAside: manifest.setAside, shelf: shelf)
  }
}

extension Photo {
  /// A listed source whose file lies in folder number `number` of the recipe.
  fileprivate init(_ source: Manifest.Source, in recipe: Recipe, folder number: Int) {
    let depth = source.depth.flatMap { depth -> DepthEntry? in
      guard case .given(let given) = recipe.depth else { return nil }
      let file = depth.id.split(separator: "/").dropFirst().joined(separator: "/")
      return DepthEntry(
        id: depth.id, file: file, path: given.folders[number] + "/" + file, sha256: depth.sha256)
    }
    // Labels take depth and format of the file from the decoded picture; a manifest has neither.
    self.init(
      id: source.id, file: source.file, folder: number,
      path: recipe.folders[number] + "/" + source.file,
      sha256: source.sha256, width: source.width, height: source.height, depthBits: 8,
      isJPEG: false, channels: source.channels, depth: depth)
  }
}
