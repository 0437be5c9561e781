import Basics
import CKernels

/// The exponential moving average of a store's parameters: e = decay e + (1 - decay) p after each step.
public final class EMA {
  /// The average, at first a copy of the parameters.
  public let values: FlatVector
  private let store: ParameterStore
  private let decay: Float

  /// Starts at the parameters' present values.
  public init(_ store: ParameterStore, decay: Float = 0.999) {
    self.store = store
    self.decay = decay
    values = FlatVector(count: store.values.count)
    values.copy(from: store.values)
  }

  /// Takes the parameters' present values in.
  public func update() { kernels.ema(values.count, decay, store.values.pointer, values.pointer) }
}
