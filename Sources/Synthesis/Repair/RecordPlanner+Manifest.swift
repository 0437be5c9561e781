import Basics
import Records

extension RecordPlanner {
  /// Plans the records of a finished set as they were planned when it was made.
  ///
  /// - Parameters:
  ///   - place: The manifest's path, for messages.
  ///   - folders: The folders of clean pictures; empty for those that the recipe names.
  ///   - depthFolders: The folders of depth maps, likewise.
  /// - Throws: `Problem` when the manifest's recipe or sources cannot be followed.
  init(_ manifest: Manifest, place: String, folders: [String], depthFolders: [String])
    throws(Problem)
  {
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
