import Basics
import Networks
import Tensors

/// Runs all-in-one fine-tuning to the end of the recipe.
///
/// An iteration: the degraded picture through the network and compared with the clean one. The
/// classifier goes on learning from the same pass, on features without a way back, so that it can
/// name degradations afterwards without any effect on the restoration; where the recipe says so, it
/// learns every few iterations only.
public func finetune(_ run: TrainingRun) throws {
  let recipe = run.recipe
  try train(run) { models, part, tape in
    finetuningLosses(
      models.network, recipe.classifierLearns(run.iteration) ? models.classifier : nil,
      gt: part.gt, lq: part.lq,
      labels: part.labels, gamma: Float(recipe.focalGamma),
      pixelLoss: recipe.pixelLoss.callAsFunction, on: tape)
  }
}
