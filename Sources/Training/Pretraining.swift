import Basics
import Networks
import Tensors

/// Runs DCPT's pre-training to the end of the recipe.
///
/// An iteration: the clean picture through the network and compared with itself; the degraded one as
/// far as the last decoder stage, whose features, finest first, tell the classifier the degradation;
/// one backward pass through both, so that the classification teaches the network too; one AdamW step
/// for each of the two.
/// - Source: Hu et al., ICLR 2025, "Universal Image Restoration Pre-training via Degradation
///   Classification"; `DCPTModel` in MILab-PKU/dcpt.
public func pretrain(_ run: TrainingRun) throws {
  try train(run, losses: run.recipe.pretrainingIteration)
}

extension TrainingRecipe {
  /// The losses of an iteration of pre-training.
  func pretrainingIteration(_ models: Models, _ part: BatchPart, _ iteration: Int, _ tape: Tape)
    -> DCPTLosses
  {
    pretrainingLosses(
      models.network, models.classifier, gt: part.gt, lq: part.lq, labels: part.labels,
      gamma: Float(focalGamma), pixelLoss: pixelLoss.callAsFunction, on: tape)
  }
}
