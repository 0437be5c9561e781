import Tensors

/// A network that turns a degraded picture into a restored one.
public protocol RestorationNetwork {
  /// All parameters, under the reference's names.
  var store: ParameterStore { get }
  /// Sides of the input must be multiples of this.
  var sizeMultiple: Int { get }
  /// Channels of what `features` returns, in its order.
  var featureChannels: [Int] { get }

  /// Restores pictures.
  ///
  /// - Parameter lq: `[n, h, w, 3]`, sRGB codes in 0...1.
  /// - Returns: `[n, h, w, 3]`, not clamped.
  func callAsFunction(_ lq: Tensor) -> Tensor

  /// What the degradation classifier reads, finest first; the network's tail is not run.
  func features(_ lq: Tensor) -> [Tensor]

  /// The restored pictures and the features of the same pass.
  func outputAndFeatures(_ lq: Tensor) -> (output: Tensor, features: [Tensor])
}
