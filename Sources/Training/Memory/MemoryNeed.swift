import Basics
import Networks
import Tensors

/// The memory that training takes, by kind, in bytes.
///
/// What is not in it: the program itself, and pages of mapped shards, which the system takes back where it wants
/// memory.
public struct MemoryNeed: Sendable, Equatable {
  /// Values of the parameters of network and classifier.
  public let parameters: Int
  /// Their gradients.
  public let gradients: Int
  /// AdamW's two moments.
  public let moments: Int
  /// Their running averages.
  public let averages: Int
  /// The blocks of tensors: what the backward pass wants of the forward pass, gradients on their way, and held-out
  /// pictures that are looked at.
  public let activations: Int
  /// Scratch of the kernels' threads, at most.
  public let scratch: Int
  /// Batches that are cut ahead, at most.
  public let batches: Int
  /// Copies that the writing of a checkpoint makes: its tensors, and the bytes of its file.
  public let saving: Int

  /// All of them.
  public var total: Int {
    parameters + gradients + moments + averages + activations + scratch + batches + saving
  }
}

/// What an iteration of a recipe does and takes.
public struct IterationNeed: Sendable, Equatable {
  /// The memory of the run.
  public let memory: MemoryNeed
  /// Multiply-adds of one iteration: forward, backward, and what is computed again.
  public let multiplyAdds: Int
}

extension TrainingRecipe {
  /// Runs two iterations dry and counts.
  ///
  /// - Parameters:
  ///   - batch: Pairs of a batch; nil for the recipe's.
  ///   - data: What the run's data are like.
  ///   - threads: That compute.
  /// - Throws: `Problem` when there is only one class.
  func need(batch: Int? = nil, _ data: DataFacts, threads: Int) throws(Problem) -> IterationNeed {
    let size = batch ?? patches.batch
    let plain = try dryRun([size, size], data, threads, looksAtHeldOut: false)
    // The last batch of an epoch may be shorter, and then has blocks of its own.
    let rest = sampling.dropsLast ? 0 : (data.records ?? 0) % size
    let whole =
      rest == 0 && data.heldOut == nil
      ? plain
      : try dryRun(
        rest == 0 ? [size, size] : [size, rest, size], data, threads, looksAtHeldOut: true)
    return IterationNeed(
      memory: MemoryNeed(
        whole.models, whole.count,
        batches: BatchLoader.bytes(batch: size, side: patches.size)),
      multiplyAdds: plain.count.multiplyAdds / 2)
  }

  private var stageLosses: IterationLosses {
    switch stage {
    case .pretrain: return pretrainingIteration
    case .finetune: return finetuningIteration
    }
  }

  /// A dry run of batches of so many pairs.
  private func dryRun(
    _ batches: [Int], _ data: DataFacts, _ threads: Int, looksAtHeldOut: Bool
  ) throws(Problem) -> (models: Models, count: DryRun.Count) {
    // The first iteration is one that the classifier learns in.
    let iteration = Iteration(number: 0, recipe: self, losses: stageLosses)
    let (models, count) = try DryRun.measure(threads: threads) { () throws(Problem) in
      let classes = (0..<data.classes).map { "\($0)" }
      let models = try Models(self, classes: classes, readsWeights: false)
      for pairs in batches {
        let batch = Batch(unfilled: pairs, side: patches.size)
        _ = try iteration.learn(batch, models, rate: 0) { _ in }
      }
      if looksAtHeldOut, let picture = data.heldOut {
        let restorer = Restorer(models.network, models.classifier, classes: classes)
        restorer.runUnfilled(width: picture.width, height: picture.height)
      }
      return models
    }
    return (models, count)
  }
}

extension MemoryNeed {
  init(_ models: Models, _ count: DryRun.Count, batches: Int) {
    let vector =
      (models.network.store.values.count + models.classifier.store.values.count)
      * MemoryLayout<Float>.stride
    (parameters, gradients, moments) = (vector, vector, 2 * vector)
    averages = models.networkAverage == nil ? 0 : vector
    (activations, scratch, self.batches) = (count.blockBytes, count.scratchBytes, batches)
    saving = 2 * (parameters + moments + averages)
  }
}

extension Batch {
  /// A batch of pairs without pixels, all of class 0, for dry runs.
  init(unfilled count: Int, side: Int) {
    let pool = PixelPool(count: 0)
    self.init(number: 0, patchSize: side, lq: pool.buffer(0), gt: pool.buffer(0))
    labels = Array(repeating: 0, count: count)
  }
}
