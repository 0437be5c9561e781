import Basics
import Tensors

/// The losses of a training iteration.
public struct DCPTLosses {
  /// What the classifier says of a batch.
  public struct Classification {
    /// The focal loss of the degradations named.
    public let loss: Tensor
    /// The class scores, `[n, 1, 1, classes]`.
    public let logits: Tensor
  }

  /// How far the restored pictures are from clean ones.
  public let pixel: Tensor
  /// nil in an iteration that leaves the classifier out.
  public let classification: Classification?
}

/// The losses of a DCPT pre-training iteration.
///
/// The clean picture goes through the whole network and is compared with itself; the degraded one goes
/// as far as the last decoder stage, and the classifier names its degradation from the features. The
/// features are not detached: the classification teaches the network too.
///
/// - Parameters:
///   - network: The restoration network.
///   - classifier: The degradation classifier for its features.
///   - gt: Clean pictures, `[n, h, w, 3]`.
///   - lq: Degraded ones, of the same shape.
///   - labels: Their n class numbers.
///   - gamma: Of the focal loss.
///   - pixelLoss: Compares network(gt) with gt.
///   - tape: Where the iteration is recorded.
/// - Source: Hu et al., ICLR 2025; `DCPTModel` in MILab-PKU/dcpt.
public func pretrainingLosses(
  _ network: some RestorationNetwork, _ classifier: DegradationClassifier, gt: Tensor, lq: Tensor,
  labels: [Int], gamma: Float, pixelLoss: (Tensor, Tensor) -> Tensor = { l1Loss($0, $1) },
  on tape: Tape
) -> DCPTLosses {
  let pixel = pixelLoss(network(tape.input(gt)), gt)
  let logits = classifier(network.features(tape.input(lq)))
  let loss = focalLoss(logits, labels, gamma: gamma)
  return DCPTLosses(pixel: pixel, classification: .init(loss: loss, logits: logits))
}

/// The losses of an all-in-one fine-tuning iteration, the classifier reading the features of the same pass.
///
/// - Parameters:
///   - network: The restoration network.
///   - classifier: The degradation classifier for its features; nil to leave it out.
///   - gt: Clean pictures, `[n, h, w, 3]`.
///   - lq: Degraded ones, of the same shape.
///   - labels: Their n class numbers.
///   - gamma: Of the focal loss.
///   - guidesNetwork: Whether the classification reaches the network, as in DCPT's guided transfer
///     (there the classifier is frozen); otherwise the classifier learns from detached features and
///     has no effect on the restoration.
///   - pixelLoss: Compares network(lq) with gt.
///   - tape: Where the iteration is recorded.
/// - Source: `DCDistModel` in MILab-PKU/dcpt for the guided form.
public func finetuningLosses(
  _ network: some RestorationNetwork, _ classifier: DegradationClassifier?, gt: Tensor, lq: Tensor,
  labels: [Int], gamma: Float, guidesNetwork: Bool = false,
  pixelLoss: (Tensor, Tensor) -> Tensor = { l1Loss($0, $1) }, on tape: Tape
) -> DCPTLosses {
  let (output, features) = network.outputAndFeatures(tape.input(lq))
  let pixel = pixelLoss(output, gt)
  guard let classifier else { return DCPTLosses(pixel: pixel, classification: nil) }
  let logits = classifier(guidesNetwork ? features : features.map { tape.input($0.detached) })
  let loss = focalLoss(logits, labels, gamma: gamma)
  return DCPTLosses(pixel: pixel, classification: .init(loss: loss, logits: logits))
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
