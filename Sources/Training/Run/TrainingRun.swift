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
  /// Damaged records that others stood in for, and that were made again, since the last line of the log.
  private var (skipped, repaired) = (0, 0)

  /// Opens a run folder, and goes on from its newest checkpoint when `resuming`.
  ///
  /// - Parameters:
  ///   - isForced: Whether to go on with another recipe or other data too; a line on standard error and one of
  ///     the group `forced` in `log.jsonl` then say what differs. Epoch and place stay, as far as there is such
  ///     a place.
  ///   - threads: Threads that compute; nil takes those of the checkpoint, or all CPUs.
  ///   - memory: What a run with `batch_size: auto` may take, bytes; nil for nine tenths of what is free.
  ///   - signal: The signal that asks the run to end, if one came; looked at after each iteration.
  /// - Throws: `Problem` when the folder holds a run and `resuming` is false, or when its checkpoint
  ///   belongs to another recipe or data set and `isForced` is false.
  public init(
    _ recipe: TrainingRecipe, data: any PairSource, validation: (any PairSource)? = nil,
    folder: String, resuming: Bool = false, isForced: Bool = false, threads: Int? = nil,
    memory: Int? = nil, signal: @escaping () -> Int32? = { StopSignal.number }
  ) throws(Problem) {
    self.signal = signal
    let checkpoints = folder + "/checkpoints"
    let (recipe, choice) = try recipe.withBatch(
      in: folder, isResumed: resuming && !Checkpoint.iterations(in: checkpoints).isEmpty, data,
      heldOut: validation, memory: memory, threads: threads ?? Threads.available)
    models = try Models(recipe, classes: data.classes)
    try createFolder(checkpoints)
    Checkpoint.removeTornFiles(in: checkpoints)
    if !resuming { try TrainingRun.requireNew(checkpoints) }
    var resumption = try Resumption(
      in: checkpoints, into: models, recipe, data, isForced: isForced)
    let checkpoint = resumption?.checkpoint
    let plan = try BatchPlan(
      data, patches: recipe.patches, seed: recipe.seed, sampling: recipe.sampling)
    let first = try resumption?.nextBatch(of: plan) ?? 0
    // Nothing is written before all that may be refused was looked at.
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
    loader = BatchLoader(plan, startingAt: first)
    if let choice {
      log.say(choice)
      try log.note("batch_size", choice, iteration: iteration)
    }
    if let warning = resumption?.warning {
      log.say(warning)
      try log.note("forced", warning, iteration: iteration)
    }
    if recipe.sampling.pool > 0 {
      log.say(
        "shuffled in pools of \(recipe.sampling.pool) shards: "
          + (try ShuffleQuality(plan)).sentence)
    }
    self.validation = validation.map { Validation($0, records: recipe.validation.records) }
  }

  /// Refuses to write over a run that nobody asked to go on with.
  private static func requireNew(_ checkpoints: String) throws(Problem) {
    guard let last = Checkpoint.iterations(in: checkpoints).last else { return }
    throw Problem(
      checkpoints, "already holds a run that has come to iteration \(last)",
      fix: "add --resume to go on with it, or give another --out")
  }

  /// The learning rate of the coming iteration.
  var rate: Double { rates[iteration] }

  /// The batch of the coming iteration; nil when the run is complete.
  func nextBatch() throws(Problem) -> Batch? {
    guard iteration < recipe.iterations else { return nil }
    let batch = try loader.next()
    skipped += batch.skipped.count
    repaired += batch.repaired.count
    for problem in batch.skipped { log.say("skipped \(problem.place): \(problem.what)") }
    for problem in batch.repaired {
      log.say("made again in memory: \(problem.place): \(problem.what); \(problem.fix)")
    }
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
      try log.record("train", means.means + [("lr", rate)] + damageCount, iteration: iteration)
      (skipped, repaired) = (0, 0)
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

  /// What the log says about damaged records, where they do not end the run.
  private var damageCount: [(name: String, value: Double)] {
    switch recipe.sampling.badRecords {
    case .stop: []
    case .skip: [("skipped_records", Double(skipped))]
    case .repair: [("repaired_records", Double(repaired))]
    }
  }

  private func save() throws(Problem) {
    try Checkpoint(
      iteration: iteration, recipe: recipe.digest, datasetID: datasetID, threads: threads,
      averages: means, loader: loader.state
    ).write(models, to: folder + "/checkpoints", kept: recipe.checkpointsKept)
  }
}
