import Basics
import Networks
import Tensors

/// Runs all-in-one fine-tuning to the end of the recipe.
///
/// An iteration: the degraded picture through the network and compared with the clean one. The
/// classifier goes on learning from the same pass, on features without a way back, so that it can
/// name degradations afterwards without any effect on the restoration.
public func finetune(_ run: TrainingRun) throws {
  let (recipe, models) = (run.recipe, run.models)
  while let batch = try run.nextBatch() {
    let tape = Tape()
    let losses = finetuningLosses(
      models.network, models.classifier, gt: batch.gtTensor, lq: batch.lqTensor,
      labels: batch.labels, gamma: Float(recipe.focalGamma),
      pixelLoss: recipe.pixelLoss.callAsFunction,
      on: tape)
    let loss =
      losses.pixel * Float(recipe.pixelWeight)
      + losses.classification * Float(recipe.focalWeight)
    try run.requireFinite(loss, batch)
    tape.backward(from: loss)
    models.step(rate: run.rate, largestNorm: recipe.largestNorm)
    try run.finishIteration([
      ("l_pix", Double(losses.pixel.item)), ("l_cls", Double(losses.classification.item)),
      ("accuracy", accuracy(losses.logits, batch.labels)),
    ])
  }
}
