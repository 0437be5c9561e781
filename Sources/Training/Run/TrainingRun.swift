import Basics
import Foundation
import Networks
import Tensors

/// A run in its folder: what happens around the iterations of pre-training and fine-tuning alike.
///
/// The folder holds `recipe.yaml`, `log.jsonl`, TensorBoard events, `checkpoints/`, and in the end
/// `weights.safetensors` and `classifier.safetensors`.
public final class TrainingRun {
  /// What is run.
  public let recipe: TrainingRecipe
  /// What is trained.
  public let models: Models
  /// Iterations done.
  public private(set) var iteration: Int
  private let folder: String
  private let datasetID: String
  private let loader: BatchLoader
  private let log: RunLog
  private let rates: [Double]
  private let validation: Validation?
  private let threads: Int
  private let signal: () -> Int32?
  private var means: RunningMeans
  /// Damaged records that others stood in for since the last line of the log.
  private var skipped = 0

  /// Opens a run folder, and goes on from its newest checkpoint when `resuming`.
  ///
  /// - Parameters:
  ///   - threads: Threads that compute; nil takes those of the checkpoint, or all CPUs.
  ///   - signal: The signal that asks the run to end, if one came; looked at after each iteration.
  /// - Throws: `Problem` when the folder holds a run and `resuming` is false, or when its checkpoint
  ///   belongs to another recipe or data set.
  public init(
    _ recipe: TrainingRecipe, data: any PairSource, validation: (any PairSource)? = nil,
    folder: String, resuming: Bool = false, threads: Int? = nil,
    signal: @escaping () -> Int32? = { StopSignal.number }
  ) throws(Problem) {
    self.signal = signal
    models = try Models(recipe, classes: data.classes)
    let checkpoints = folder + "/checkpoints"
    try createFolder(checkpoints)
    Checkpoint.removeTornFiles(in: checkpoints)
    let checkpoint = try TrainingRun.checkpoint(
      in: checkpoints, into: models, recipe, data, resuming: resuming)
    self.threads = threads ?? checkpoint?.threads ?? Threads.available
    Threads.start(self.threads)
    (self.recipe, self.folder, datasetID) = (recipe, folder, data.datasetID)
    iteration = checkpoint?.iteration ?? 0
    means = checkpoint?.averages ?? RunningMeans()
    rates = recipe.schedule.rates(
      base: recipe.optimizer.rate, warmup: recipe.warmup, count: recipe.iterations)
    try AtomicFile.write(recipe.yaml, to: folder + "/recipe.yaml")
    log = try RunLog(
      folder: folder, label: recipe.name, total: recipe.iterations, after: iteration)
    let plan = try BatchPlan(
      data, patches: recipe.patches, seed: recipe.seed, sampling: recipe.sampling)
    // Checkpoints from before the loader had a state of its own hold the number of iterations, which is it.
    let first = try checkpoint?.loader.map { state throws(Problem) in try plan.number(after: state)
    }
    loader = BatchLoader(plan, startingAt: first ?? iteration)
    if recipe.sampling.pool > 0 {
      log.say(
        "shuffled in pools of \(recipe.sampling.pool) shards: "
          + (try ShuffleQuality(plan)).sentence)
    }
    self.validation = validation.map { Validation($0, records: recipe.validation.records) }
  }

  private static func checkpoint(
    in folder: String, into models: Models, _ recipe: TrainingRecipe, _ data: any PairSource,
    resuming: Bool
  ) throws(Problem) -> Checkpoint? {
    guard resuming else {
      guard let last = Checkpoint.iterations(in: folder).last else { return nil }
      throw Problem(
        folder, "already holds a run that has come to iteration \(last)",
        fix: "add --resume to go on with it, or give another --out")
    }
    guard let checkpoint = try Checkpoint.readNewest(in: folder, into: models) else { return nil }
    guard checkpoint.recipe == recipe.digest else {
      throw Problem(
        folder, "was written with another recipe or other flags than now",
        fix: "resume with the recipe.yaml of the run folder, or give another --out")
    }
    guard checkpoint.datasetID == data.datasetID else {
      throw Problem(
        folder,
        "was trained on data set \(checkpoint.datasetID.prefix(12)), "
          + "the one given is \(data.datasetID.prefix(12))",
        fix: "give the data set of the run, or another --out")
    }
    return checkpoint
  }

  /// The learning rate of the coming iteration.
  var rate: Double { rates[iteration] }

  /// The batch of the coming iteration; nil when the run is complete.
  func nextBatch() throws(Problem) -> Batch? {
    guard iteration < recipe.iterations else { return nil }
    let batch = try loader.next()
    skipped += batch.skipped.count
    for problem in batch.skipped { log.say("skipped \(problem.place): \(problem.what)") }
    return batch
  }

  /// Stops a run that has gone wrong before its parameters are spoilt.
  ///
  /// - Throws: `Problem` naming the iteration and the batch's records when a loss is not finite.
  func requireFinite(_ loss: Tensor, _ batch: Batch) throws(Problem) {
    guard !loss.item.isFinite else { return }
    throw Problem(
      "iteration \(iteration + 1)",
      "the loss is \(loss.item); records "
        + batch.keys.joined(separator: ", "),
      fix: "look at these records, or lower the learning rate")
  }

  /// Ends an iteration: reports, validates, saves, and stops where a signal asks for it.
  ///
  /// - Throws: `Stopped` after a signal, once the checkpoint is written.
  func finishIteration(_ scalars: [(name: String, value: Double)]) throws {
    let rate = self.rate
    iteration += 1
    let last = iteration == recipe.iterations
    means.add(scalars)
    log.show(iteration, means.means)
    if iteration.isMultiple(of: recipe.printEvery) || last {
      try log.record("train", means.means + [("lr", rate)] + skippedCount, iteration: iteration)
      skipped = 0
      if last { log.finish(iteration, means.means) }
      means.reset()
    }
    if recipe.validation.every > 0, iteration.isMultiple(of: recipe.validation.every) {
      try validation?.run(models, log, iteration)
    }
    if last { try models.write(to: folder, trainSize: recipe.patches.size) }
    let signal = last ? nil : signal()
    if iteration.isMultiple(of: recipe.saveEvery) || last || signal != nil { try save() }
    if let signal { throw Stopped(signal: signal, iteration: iteration) }
  }

  /// What the log says about damaged records, where the recipe lets them be skipped.
  private var skippedCount: [(name: String, value: Double)] {
    recipe.sampling.badRecords == .skip ? [("skipped_records", Double(skipped))] : []
  }

  private func save() throws(Problem) {
    try Checkpoint(
      iteration: iteration, recipe: recipe.digest, datasetID: datasetID, threads: threads,
      averages: means, loader: loader.state
    ).write(models, to: folder + "/checkpoints", kept: recipe.checkpointsKept)
  }
}
