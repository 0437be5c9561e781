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
  let recipe = run.recipe
  try train(run) { models, part, tape in
    pretrainingLosses(
      models.network, models.classifier, gt: part.gt, lq: part.lq,
      labels: part.labels, gamma: Float(recipe.focalGamma),
      pixelLoss: recipe.pixelLoss.callAsFunction, on: tape)
  }
}
