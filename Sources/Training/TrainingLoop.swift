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
    var loss = parts.pixel * Float(recipe.pixelWeight)
    var scalars = [("l_pix", Double(parts.pixel.item))]
    if let named = parts.classification {
      loss = loss + named.loss * Float(recipe.focalWeight)
      scalars.append(("l_cls", Double(named.loss.item)))
      scalars.append(("accuracy", accuracy(named.logits, batch.labels)))
    }
    try run.requireFinite(loss, batch)
    tape.backward(from: loss)
    models.step(
      rate: run.rate, largestNorm: recipe.largestNorm, withClassifier: parts.classification != nil)
    try run.finishIteration(scalars)
  }
}
