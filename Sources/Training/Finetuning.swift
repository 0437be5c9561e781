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
    let (output, features) = models.network.outputAndFeatures(tape.input(batch.lqTensor))
    let pixel = recipe.pixelLoss(output, batch.gtTensor)
    let logits = models.classifier(features.map { tape.input($0.detached) })
    let focal = focalLoss(logits, batch.labels, gamma: Float(recipe.focalGamma))
    let loss = pixel * Float(recipe.pixelWeight) + focal * Float(recipe.focalWeight)
    try run.requireFinite(loss, batch)
    tape.backward(from: loss)
    models.step(rate: run.rate, largestNorm: recipe.largestNorm)
    try run.finishIteration([
      ("l_pix", Double(pixel.item)), ("l_cls", Double(focal.item)),
      ("accuracy", accuracy(logits, batch.labels)),
    ])
  }
}
