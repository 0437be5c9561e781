import Basics
import Foundation

/// Everything that a run needs to go on as if it had never stopped, in one file, so that the parts
/// always belong together.
struct Checkpoint {
  /// Iterations done.
  let iteration: Int
  /// The digest of the run's recipe.
  let recipe: String
  /// The digest of its data.
  let datasetID: String
  /// Threads that computed; another count rounds otherwise.
  let threads: Int
  /// The averages since the last log line.
  let averages: RunningMeans
  /// Where the loader goes on; nil in files from before it had a state of its own.
  let loader: LoaderState?

  private static let key = "dcpt.checkpoint"

  /// Writes the checkpoint atomically, then removes all but the newest `kept`.
  func write(_ models: Models, to folder: String, kept: Int) throws(Problem) {
    let state: JSON = [
      "format": "dcpt-checkpoint/1", "iteration": .integer(iteration), "recipe": .string(recipe),
      "dataset_id": .string(datasetID), "threads": .integer(threads), "averages": averages.json,
      "loader": loader.map(\.json) ?? .null,
    ]
    try Safetensors(models.export(), metadata: [(Checkpoint.key, state.compact)])
      .write(to: Checkpoint.path(iteration, in: folder))
    for old in Checkpoint.iterations(in: folder).dropLast(kept) {
      try? FileManager.default.removeItem(atPath: Checkpoint.path(old, in: folder))
    }
  }

  /// Reads the newest checkpoint of a folder into `models`; nil when there is none.
  static func readNewest(in folder: String, into models: Models) throws(Problem) -> Checkpoint? {
    guard let newest = iterations(in: folder).last else { return nil }
    let path = path(newest, in: folder)
    let file = try Safetensors(reading: path)
    guard let text = file.metadata.first(where: { $0.key == key })?.value,
      let checkpoint = Checkpoint(try JSON(parsing: text.utf8, place: path))
    else {
      throw Problem(
        path, "is not a checkpoint of dcpt-train", fix: "remove it to go on from an older one")
    }
    try models.load(file, steps: checkpoint.iteration, place: path)
    return checkpoint
  }

  /// Removes what killed runs left half-written under temporary names.
  static func removeTornFiles(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(".") && name.contains(".tmp-") {
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }

  /// The iterations of the checkpoints in a folder, ascending.
  static func iterations(in folder: String) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix(".") }
      .compactMap { Int($0.dropLast(".safetensors".count)) }.sorted()
  }

  static func path(_ iteration: Int, in folder: String) -> String {
    let digits = String(iteration)
    return folder + "/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
      + ".safetensors"
  }
}

extension Checkpoint {
  private init?(_ json: JSON) {
    guard json["format"]?.string == "dcpt-checkpoint/1",
      let iteration = json["iteration"]?.integer, iteration >= 0,
      let recipe = json["recipe"]?.string, let datasetID = json["dataset_id"]?.string,
      let threads = json["threads"]?.integer, threads > 0,
      let averages = json["averages"].flatMap(RunningMeans.init)
    else { return nil }
    self.init(
      iteration: iteration, recipe: recipe, datasetID: datasetID, threads: threads,
      averages: averages, loader: json["loader"].flatMap(LoaderState.init))
  }
}
