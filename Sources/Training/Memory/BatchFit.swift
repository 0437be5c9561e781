import Basics
import Tensors

/// The largest batch that can be trained in so much memory.
public struct BatchFit: Sendable, Equatable {
  /// Pairs of the batch.
  public let batch: Int
  /// What its iterations do and take.
  public let need: IterationNeed
  /// The bound, bytes.
  public let bound: Int

  /// The share of free memory that a run takes unless it is told a bound: the rest is for the program, and
  /// for others.
  static let usualShare = 0.9

  /// What a run may take unless it is told, bytes.
  public static var usualBound: Int {
    let free = FreeMemory.bytes
    return free == .max ? free : Int(Double(free) * usualShare)
  }

  /// Looks for the largest batch of a recipe; it is a multiple of the parts that the recipe cuts batches into.
  ///
  /// - Parameters:
  ///   - bound: What the run may take, bytes; nil for nine tenths of what is free.
  ///   - data: What the run's data are like.
  ///   - threads: That compute.
  /// - Throws: `Problem` when not even the smallest batch fits.
  public init(
    _ recipe: TrainingRecipe, in bound: Int? = nil, _ data: DataFacts,
    threads: Int = Threads.available
  ) throws(Problem) {
    let bound = bound ?? BatchFit.usualBound
    let step = recipe.accumulationSteps
    func counted(_ steps: Int) throws(Problem) -> IterationNeed {
      try recipe.need(batch: steps * step, data, threads: threads)
    }
    let smallest = try counted(1)
    guard smallest.memory.total <= bound else {
      throw BatchFit.problem(smallest, step, bound, recipe)
    }
    let most = max(1, min(TrainingRecipe.Patches.batches.upperBound, data.records ?? .max) / step)
    // What fits, and what does not or is not allowed.
    var (fits, passes, best) = (1, most + 1, smallest)
    var next = 2
    while passes - fits > 1 {
      let tried = min(next, passes - 1)
      let found = try counted(tried)
      if found.memory.total <= bound { (fits, best) = (tried, found) } else { passes = tried }
      next = passes > most ? 2 * fits : (fits + passes) / 2
    }
    (batch, need, self.bound) = (fits * step, best, bound)
  }

  private static func problem(
    _ need: IterationNeed, _ batch: Int, _ bound: Int, _ recipe: TrainingRecipe
  ) -> Problem {
    Problem(
      "batch_size",
      "auto finds none: a batch of \(batch) takes \(ByteCount(need.memory.total)), "
        + "\(ByteCount(bound)) may be taken",
      fix: recipe.recomputes
        ? "give more --memory, a smaller gt_size, or a smaller network"
        : "give more --memory, a smaller gt_size, or 'gradient_checkpointing: true'")
  }

  /// The choice in a line.
  public var sentence: String {
    "batch_size auto: \(batch), which takes \(ByteCount(need.memory.total)) of \(ByteCount(bound))"
  }
}

extension TrainingRecipe {
  /// The recipe with a number for its batch, and what to say about it.
  ///
  /// A run that goes on takes the number that it began with.
  ///
  /// - Parameters:
  ///   - folder: Of the run.
  ///   - isResumed: Whether the folder holds a checkpoint to go on from.
  ///   - heldOut: The set that the run looks at.
  ///   - memory: What the run may take, bytes; nil for nine tenths of what is free.
  /// - Throws: `Problem` when no batch fits, or the folder's recipe cannot be read.
  func withBatch(
    in folder: String, isResumed: Bool, _ data: any PairSource, heldOut: (any PairSource)?,
    memory: Int?, threads: Int
  ) throws(Problem) -> (recipe: TrainingRecipe, sentence: String?) {
    guard patches.fitsBatchToMemory else { return (self, nil) }
    if isResumed {
      let began = try TrainingRecipe(reading: folder + "/recipe.yaml").patches.batch
      return (try with(batch: began), "batch_size auto: \(began), as the run began")
    }
    let facts = try DataFacts(data, validation.every > 0 ? heldOut : nil)
    let fit = try BatchFit(self, in: memory, facts, threads: threads)
    return (try with(batch: fit.batch), fit.sentence)
  }
}
