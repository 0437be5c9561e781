import Basics
import Records
import Synthesis
import Training

extension TrainingRecipe {
  /// Opens the sets that the recipe trains on, as readers that make damaged records again where it says so.
  ///
  /// - Parameter file: The recipe's file, for messages.
  /// - Throws: `Problem` when it names none, when one cannot be read, or not be made again.
  func openTrainingData(namedIn file: String) throws(Problem) -> any PairSource {
    guard sampling.mixture.isEmpty else {
      var parts: [MixedPairs.Part] = []
      for part in sampling.mixture {
        parts.append(.init(try openSet(part.manifest, part.originals), weight: part.weight))
      }
      return MixedPairs(parts)
    }
    guard let manifest = patches.manifest else {
      throw Problem(
        file, "names no training data",
        fix: "add --data DIR/manifest.json, or datasets.train.manifest in the recipe")
    }
    return try openSet(manifest, sampling.originals)
  }

  private func openSet(_ manifest: String, _ originals: Sampling.Originals) throws(Problem)
    -> any PairSource
  {
    guard sampling.badRecords == .repair else { return try RecordReader(manifest: manifest) }
    let mender = try SetMender(
      manifest: manifest, folders: originals.clean, depthFolders: originals.depth)
    return try MendedPairs(manifest: manifest, mender: mender)
  }
}
