import Basics
import Tensors

/// A network that turns a degraded picture into a restored one.
public protocol RestorationNetwork {
  /// The sizes it was made with, which make the like again.
  var sizes: NetworkConfiguration { get }
  /// All parameters, under the reference's names.
  var store: ParameterStore { get }
  /// Sides of the input must be multiples of this.
  var sizeMultiple: Int { get }
  /// What evaluation pads sides to: the field's `window_size`.
  var paddingMultiple: Int { get }
  /// Channels of what `features` returns, in its order.
  var featureChannels: [Int] { get }
  /// Pixels of the picture along a side of a pixel of the finest features.
  var featureStride: Int { get }
  /// Whether the features are all of one size; otherwise each has half the sides of the one before.
  var featuresShareSize: Bool { get }

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

extension RestorationNetwork {
  /// The network's own multiple.
  public var paddingMultiple: Int { sizeMultiple }
  /// The finest features have the picture's size.
  public var featureStride: Int { 1 }
  /// Each feature is half the size of the one before.
  public var featuresShareSize: Bool { false }

  /// The least side of a picture whose degradation can be named: the classifier halves the finest features
  /// once for each of them.
  public var smallestClassifiedSide: Int { featureStride << featureChannels.count }

  /// Stops the program when a picture does not fit the network.
  func requireSides(of lq: Tensor) {
    let s = lq.shape
    require(s.c == 3, "\(Self.self): the picture has \(s.c) channels in \(s), not 3")
    require(
      s.h % sizeMultiple == 0 && s.w % sizeMultiple == 0,
      "\(Self.self): sides of \(s) must be multiples of \(sizeMultiple)")
  }
}
