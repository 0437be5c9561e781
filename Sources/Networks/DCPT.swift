import Basics
import Tensors

/// The two losses of a DCPT pre-training iteration.
///
/// The clean picture goes through the whole network and is compared with itself; the degraded one goes
/// as far as the last decoder stage, and the classifier names its degradation from the features. The
/// features are not detached: the classification teaches the network too.
///
/// - Parameters:
///   - network: The restoration network.
///   - classifier: The degradation classifier for its features.
///   - clean: gt, `[n, h, w, 3]`, on a tape.
///   - degraded: lq, `[n, h, w, 3]`, on the same tape.
///   - labels: The n class numbers.
///   - gamma: Of the focal loss.
/// - Returns: L1 between network(clean) and clean; the focal loss; the class scores.
/// - Source: Hu et al., ICLR 2025; `DCPTModel` in MILab-PKU/dcpt.
public func pretrainingLosses(
  _ network: some RestorationNetwork, _ classifier: DegradationClassifier, clean: Tensor,
  degraded: Tensor,
  labels: [Int], gamma: Float
) -> (pixel: Tensor, classification: Tensor, logits: Tensor) {
  let pixel = l1Loss(network(clean), clean.detached)
  let logits = classifier(network.features(degraded))
  return (pixel, focalLoss(logits, labels, gamma: gamma), logits)
}

/// The losses of an all-in-one fine-tuning iteration, with the classifier on the features of the same pass.
///
/// - Parameters:
///   - network: The restoration network.
///   - classifier: The degradation classifier.
///   - degraded: lq, on a tape.
///   - clean: gt.
///   - labels: The class numbers.
///   - gamma: Of the focal loss.
///   - guidesNetwork: Whether the classification reaches the network (DCPT's guided transfer, where
///     the classifier is frozen) or only the classifier (features are detached).
public func finetuningLosses(
  _ network: some RestorationNetwork, _ classifier: DegradationClassifier, degraded: Tensor,
  clean: Tensor,
  labels: [Int], gamma: Float, guidesNetwork: Bool, on tape: Tape
) -> (output: Tensor, pixel: Tensor, classification: Tensor, logits: Tensor) {
  let (output, features) = network.outputAndFeatures(degraded)
  let read = guidesNetwork ? features : features.map { tape.input($0.detached) }
  let logits = classifier(read)
  return (output, l1Loss(output, clean), focalLoss(logits, labels, gamma: gamma), logits)
}

/// Restores a picture of any size: reflect-pads to a multiple, runs the network, crops.
///
/// - Parameters:
///   - lq: `[n, h, w, 3]`; the padding must be smaller than the sides.
///   - network: The restoration network.
///   - multiple: What the sides are padded to (`window_size` in the field's options).
/// - Returns: `[n, h, w, 3]`, not clamped.
public func restored(_ lq: Tensor, by network: some RestorationNetwork, multiple: Int) -> Tensor {
  cropped(network(paddedToMultiple(lq, multiple)), height: lq.shape.h, width: lq.shape.w)
}

/// Reflect-pads right and bottom to a multiple of `multiple`.
public func paddedToMultiple(_ lq: Tensor, _ multiple: Int) -> Tensor {
  let s = lq.shape
  return padded(
    lq, right: (multiple - s.w % multiple) % multiple,
    bottom: (multiple - s.h % multiple) % multiple, .reflect)
}
