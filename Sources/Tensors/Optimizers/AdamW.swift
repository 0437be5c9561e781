import Basics
import CKernels

/// Adam with decoupled weight decay, over all parameters of a store as one vector.
///
/// As PyTorch: p *= 1 - rate decay first; then p -= rate m^ / (sqrt(v^) + epsilon), with bias-corrected
/// moments. All parameters are one group, norms and biases too.
/// - Source: Loshchilov and Hutter 2019, arXiv 1711.05101.
public final class AdamW {
  /// The settings.
  public struct Configuration: Sendable, Equatable {
    /// Decay of the first moment.
    public var beta1: Float
    /// Decay of the second moment.
    public var beta2: Float
    /// Added to the root of the second moment.
    public var epsilon: Float
    /// Decoupled weight decay.
    public var weightDecay: Float

    /// Creates the settings; the defaults are ours, the DCPT authors did not publish theirs.
    public init(
      beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 1e-4
    ) {
      (self.beta1, self.beta2, self.epsilon, self.weightDecay) = (
        beta1, beta2, epsilon, weightDecay
      )
    }
  }

  /// The running mean of the gradient.
  public let firstMoment: FlatVector
  /// The running mean of the squared gradient.
  public let secondMoment: FlatVector
  /// Steps taken so far.
  public var stepCount = 0
  private let store: ParameterStore
  private let configuration: Configuration

  /// Creates the optimiser of a store, moments at 0.
  public init(_ store: ParameterStore, _ configuration: Configuration = Configuration()) {
    self.store = store
    self.configuration = configuration
    firstMoment = FlatVector(count: store.values.count)
    secondMoment = FlatVector(count: store.values.count)
  }

  /// Takes a step with the store's gradients, and starts these from zero again.
  public func step(rate: Double) {
    let (values, gradients, c) = (store.values, store.gradients, configuration)
    stepCount += 1
    kernels.adamw(
      values.count, values.pointer, gradients.pointer, firstMoment.pointer, secondMoment.pointer,
      Float(rate),
      c.beta1, c.beta2, c.epsilon, c.weightDecay, stepCount)
    store.startGradients()
  }
}
