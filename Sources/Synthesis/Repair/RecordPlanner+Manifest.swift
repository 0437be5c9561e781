import Basics
import Records

extension RecordPlanner {
  /// Plans the records of a finished set as they were planned when it was made.
  ///
  /// - Parameters:
  ///   - place: The manifest's path, for messages.
  ///   - folders: The folders of clean pictures; empty for those that the recipe names.
  ///   - depthFolders: The folders of depth maps, likewise.
  /// - Throws: `Problem` when the manifest's recipe or sources cannot be followed, as those of real pairs and of sets that
  ///   were selected from others or joined of them.
  init(_ manifest: Manifest, place: String, folders: [String], depthFolders: [String])
    throws(Problem)
  {
    if let repack = manifest.repack { throw repack.needed(for: place) }
    if manifest.form == .png, manifest.recipe["import"] != nil {
      throw Problem(
        place, "holds real pairs, which only the set that it was repacked from has",
        fix: "give that set: dcpt-data repair \(place) --from RAW/\(Manifest.fileName)")
    }
    try manifest.requireSynthesised(place)
    var recipe = try Recipe(resolved: manifest.recipe, place: place)
    let split = try Split(named: manifest.split, place: place)
    let names = recipe.folderNames
    guard recipe.cleanKind == .folder else {
      let leaves = try CleanSource(recipe, split: split, workers: 1)
      self.init(recipe, split, leaves)
      return
    }
    if !folders.isEmpty { recipe.folders = folders }
    if !depthFolders.isEmpty, case .given(var given) = recipe.depth {
      given.folders = depthFolders
      recipe.depth = .given(given)
    }
    let library = try PhotoLibrary(listed: manifest, recipe, names: names)
    self.init(recipe, split, .photos(library))
  }
}
