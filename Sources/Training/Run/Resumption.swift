import Basics

/// What a run goes on from: the newest checkpoint of its folder, and how the run differs from the one that
/// wrote it.
struct Resumption {
  let checkpoint: Checkpoint
  /// What is not as it was; nothing unless the user forces the run to go on.
  private(set) var differences: [Problem] = []
  private let isForced: Bool

  /// Reads the newest checkpoint into `models`; nil when there is none.
  ///
  /// - Parameter isForced: Whether the run goes on with another recipe or other data.
  /// - Throws: `Problem` when the checkpoint belongs to another recipe or data set and nobody forces it, is of
  ///   networks of other shapes, or lies behind the end of the recipe.
  init?(
    in folder: String, into models: Models, _ recipe: TrainingRecipe, _ data: any PairSource,
    isForced: Bool
  ) throws(Problem) {
    guard let checkpoint = try Checkpoint.readNewest(in: folder, into: models) else { return nil }
    (self.checkpoint, self.isForced) = (checkpoint, isForced)
    if checkpoint.recipe != recipe.digest {
      try accept(
        Problem(
          folder, "was written with another recipe or other flags than now",
          fix: "resume with the recipe.yaml of the run folder, or give another --out"))
    }
    if checkpoint.datasetID != data.datasetID {
      try accept(
        Problem(
          folder,
          "was trained on data set \(checkpoint.datasetID.prefix(12)), "
            + "the one given is \(data.datasetID.prefix(12))",
          fix: "give the data set of the run, or another --out"))
    }
    guard checkpoint.iteration <= recipe.iterations else {
      throw Problem(
        folder,
        "has come to iteration \(checkpoint.iteration), the recipe ends at "
          + "\(recipe.iterations)",
        fix: "raise train.total_iter (--total-iter), or give another --out")
    }
  }

  /// The number of the batch to go on with.
  ///
  /// - Throws: `Problem` when the state is that of other data or settings and nobody forces it.
  mutating func nextBatch(of plan: BatchPlan) throws(Problem) -> Int {
    // Checkpoints from before the loader had a state of its own hold the number of iterations, which is it.
    guard let state = checkpoint.loader else { return checkpoint.iteration }
    do throws(Problem) { return try plan.number(after: state) } catch {
      try accept(error)
      return plan.number(near: state)
    }
  }

  private mutating func accept(_ difference: Problem) throws(Problem) {
    guard isForced else {
      throw Problem(
        difference.place, difference.what, fix: difference.fix + "; --force goes on all the same")
    }
    differences.append(difference)
  }

  /// The differences in one line; nil when there are none.
  var warning: String? {
    guard !differences.isEmpty else { return nil }
    return "WARNING: --force goes on after iteration \(checkpoint.iteration) although "
      + differences.map { "\($0.place) \($0.what)" }.joined(separator: "; ")
  }
}
