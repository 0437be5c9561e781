import Basics

/// All that a loader needs to go on: a few integers, and the settings they hold for.
public struct LoaderState: Sendable, Equatable {
  /// The digest of the data.
  public let datasetID: String
  /// The run's seed.
  public let seed: UInt64
  /// The epoch, from 0.
  public let epoch: Int
  /// Records of the epoch that were delivered to the trainer.
  public let position: Int
  /// Records of a batch, of all ranks together.
  public let globalBatch: Int
  /// What else decides the batches: patches and sampling.
  public let settings: JSON

  private static let format = "dcpt-loader/1"

  init(
    datasetID: String, seed: UInt64, epoch: Int, position: Int, globalBatch: Int, settings: JSON
  ) {
    (self.datasetID, self.seed, self.epoch) = (datasetID, seed, epoch)
    (self.position, self.globalBatch, self.settings) = (position, globalBatch, settings)
  }

  /// The state as checkpoints hold it.
  public var json: JSON {
    [
      "format": .string(LoaderState.format), "dataset_id": .string(datasetID),
      "seed": .string(String(seed)), "epoch": .integer(epoch), "position": .integer(position),
      "global_batch": .integer(globalBatch), "settings": settings,
    ]
  }

  /// Reads what `json` gave; nil for anything else.
  public init?(_ json: JSON) {
    guard json["format"]?.string == LoaderState.format,
      let datasetID = json["dataset_id"]?.string,
      let seed = json["seed"]?.string.flatMap({ UInt64($0) }),
      let epoch = json["epoch"]?.integer, epoch >= 0,
      let position = json["position"]?.integer, position >= 0,
      let globalBatch = json["global_batch"]?.integer, globalBatch > 0,
      let settings = json["settings"]
    else { return nil }
    self.init(
      datasetID: datasetID, seed: seed, epoch: epoch, position: position, globalBatch: globalBatch,
      settings: settings)
  }

  /// Refuses to go on with other data or settings, under which the same place means other records.
  func requireSameRun(as other: LoaderState) throws(Problem) {
    func differs(_ name: String, _ a: String, _ b: String) -> Problem? {
      a == b
        ? nil
        : Problem(
          "loader state", "has \(name) \(a), the run has \(b)",
          fix: "resume with the data and the recipe of the run that wrote it")
    }
    let problem =
      differs("dataset_id", datasetID, other.datasetID)
      ?? differs("seed", String(seed), String(other.seed))
      ?? differs("global_batch", String(globalBatch), String(other.globalBatch))
      ?? differs("settings", settings.canonical, other.settings.canonical)
    if let problem { throw problem }
  }
}
