import Basics
import Networks
import Tensors

/// What an iteration computes from a batch or a part of it, recorded on the tape it is given.
typealias IterationLosses = (
  _ models: Models, _ part: BatchPart, _ iteration: Int, _ tape: Tape
) -> DCPTLosses

/// The loop of pre-training and fine-tuning alike: a batch, its losses, a backward pass, one step.
///
/// - Throws: `Problem` when data cannot be read or a loss is not finite; `Stopped` after a signal.
func train(_ run: TrainingRun, losses: @escaping IterationLosses) throws {
  while let batch = try run.nextBatch() {
    let iteration = Iteration(number: run.iteration, recipe: run.recipe, losses: losses)
    let scalars = try iteration.learn(batch, run.models, rate: run.rate) {
      loss throws(Problem) in try run.requireFinite(loss, batch)
    }
    try run.finishIteration(scalars)
  }
}

/// One iteration, of a run or of a dry run that counts what it takes.
struct Iteration {
  /// Iterations done before.
  let number: Int
  let recipe: TrainingRecipe
  let losses: IterationLosses

  /// Teaches the models a batch.
  ///
  /// Where the recipe says so, it goes through in several parts whose gradients add up
  /// (`gradient_accumulation_steps`): the step is the same but for rounding, and memory is that of a part.
  ///
  /// - Parameter check: Looks at each part's loss before its gradients are computed.
  /// - Returns: What the log says of the batch.
  func learn(
    _ batch: Batch, _ models: Models, rate: Double, check: (Tensor) throws(Problem) -> Void
  ) throws(Problem) -> [(name: String, value: Double)] {
    var (scalars, withClassifier) = ([(name: String, value: Double)](), false)
    for part in batch.parts(recipe.accumulationSteps) {
      let tape = Tape()
      let found = losses(models, part, number, tape)
      let loss = recipe.weighted(found)
      try check(loss)
      tape.backward(from: loss * Float(part.share))
      add(found.scalars(part.labels), share: part.share, to: &scalars)
      withClassifier = found.classification != nil
    }
    models.step(rate: rate, largestNorm: recipe.largestNorm, withClassifier: withClassifier)
    return scalars
  }
}

/// Adds a part's means to the batch's.
private func add(
  _ means: [(name: String, value: Double)], share: Double,
  to sums: inout [(name: String, value: Double)]
) {
  let before = sums.isEmpty ? means.map { _ in 0 } : sums.map(\.value)
  sums = zip(means, before).map { ($0.name, $1 + $0.value * share) }
}

extension TrainingRecipe {
  /// The sum that is minimised.
  fileprivate func weighted(_ losses: DCPTLosses) -> Tensor {
    let pixel = losses.pixel * Float(pixelWeight)
    guard let named = losses.classification else { return pixel }
    return pixel + named.loss * Float(focalWeight)
  }
}

extension DCPTLosses {
  /// What the log says of them.
  fileprivate func scalars(_ labels: [Int]) -> [(name: String, value: Double)] {
    var scalars = [(name: "l_pix", value: Double(pixel.item))]
    if let named = classification {
      scalars.append(("l_cls", Double(named.loss.item)))
      scalars.append(("accuracy", accuracy(named.logits, labels)))
    }
    return scalars
  }
}
