import Basics
import Records

/// Where the records of a damaged shard come from once more, in the raw form.
enum RecordOrigin: Sendable {
  /// The recipe and the clean pictures.
  case recipe(RecordPlanner)
  /// The sets that it was repacked from.
  case parents(RepackPlan)

  /// Finds it for a set.
  ///
  /// - Parameters:
  ///   - place: The manifest's path, for messages.
  ///   - parents: The manifests of the sets that it was repacked from; none to follow the recipe.
  /// - Throws: `Problem` when recipe, sources or parents cannot be followed.
  init(
    _ manifest: Manifest, place: String, folders: [String], depthFolders: [String],
    parents: [String], workers: Int
  ) throws(Problem) {
    guard parents.isEmpty else {
      let readers = try parents.map { path throws(Problem) in try RecordReader(manifest: path) }
      self = .parents(
        try RepackPlan(again: manifest, place: place, parents: readers, workers: workers))
      return
    }
    self = .recipe(
      try RecordPlanner(
        manifest, place: place, folders: folders, depthFolders: depthFolders))
  }

  /// The count of records there are.
  var count: Int {
    switch self {
    case .recipe(let planner): planner.count
    case .parents(let plan): plan.records.count
    }
  }

  /// What makes records of the set one after the other, with labels that fill `textSize` bytes.
  func maker(textSize: Int) -> any RecordMaking {
    switch self {
    case .recipe(let planner): RecordMaker(planner, textSize: textSize)
    case .parents(let plan): plan.maker(textSize: textSize)
    }
  }
}
