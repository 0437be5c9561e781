import Basics
import Networks
import Tensors

/// The loop of pre-training and fine-tuning alike: a batch, its losses, one backward pass, one step.
///
/// - Parameter losses: What an iteration computes from a batch; recorded on the tape it is given.
/// - Throws: `Problem` when data cannot be read or a loss is not finite; `Stopped` after a signal.
func train(
  _ run: TrainingRun, losses: (_ models: Models, _ batch: Batch, _ tape: Tape) -> DCPTLosses
) throws {
  let (recipe, models) = (run.recipe, run.models)
  while let batch = try run.nextBatch() {
    let tape = Tape()
    let parts = losses(models, batch, tape)
    let loss =
      parts.pixel * Float(recipe.pixelWeight) + parts.classification * Float(recipe.focalWeight)
    try run.requireFinite(loss, batch)
    tape.backward(from: loss)
    models.step(rate: run.rate, largestNorm: recipe.largestNorm)
    try run.finishIteration([
      ("l_pix", Double(parts.pixel.item)), ("l_cls", Double(parts.classification.item)),
      ("accuracy", accuracy(parts.logits, batch.labels)),
    ])
  }
}
