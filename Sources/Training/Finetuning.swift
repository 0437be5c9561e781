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
  try train(run, losses: run.recipe.finetuningIteration)
}

extension TrainingRecipe {
  /// The losses of an iteration of fine-tuning.
  func finetuningIteration(_ models: Models, _ part: BatchPart, _ iteration: Int, _ tape: Tape)
    -> DCPTLosses
  {
    finetuningLosses(
      models.network, classifierLearns(iteration) ? models.classifier : nil, gt: part.gt,
      lq: part.lq, labels: part.labels, gamma: Float(focalGamma),
      pixelLoss: pixelLoss.callAsFunction, on: tape)
  }
}
