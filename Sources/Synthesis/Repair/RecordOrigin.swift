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
    if let repack = manifest.repack { throw repack.needed(for: place) }
    if manifest.form == .png, manifest.recipe["import"] != nil {
      throw Problem(
        place, "holds real pairs, which only the set that it was repacked from has",
        fix: "give that set: dcpt-data repair \(place) --from RAW/\(Manifest.fileName)")
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

  /// Makes records one after the other; for one worker.
  struct Maker {
    private let origin: RecordOrigin
    private let textSize: Int
    private var made: RecordMaker?

    /// - Parameter textSize: The bytes that a label fills.
    init(_ origin: RecordOrigin, textSize: Int) {
      (self.origin, self.textSize) = (origin, textSize)
      if case .recipe(let planner) = origin { made = RecordMaker(planner, textSize: textSize) }
    }

    /// Makes a record; nil when its label needs more bytes.
    mutating func record(_ index: Int) throws(Problem) -> Record? {
      switch origin {
      case .recipe: try made?.record(index)
      case .parents(let plan): try plan.records.record(index, textSize: textSize).record
      }
    }
  }
}
