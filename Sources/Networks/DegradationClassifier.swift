import Basics
import Tensors

/// The degradation classifier of DCPT: names the degradation from a restoration network's features.
///
/// Mixes features from fine to coarse, each weighted by a softmax over learned weights, with bottleneck
/// blocks between. The official shape costs more than a compact network; block count and expansion are
/// options, the reference's values the default.
/// - Source: Hu et al., ICLR 2025; `PromptIR_NoImg_DC` in MILab-PKU/dcpt.
public struct DegradationClassifier {
  /// The sizes of a classifier.
  public struct Configuration: Sendable, Equatable {
    /// Channels of the features, finest first (`feature_dims`).
    public var featureChannels: [Int]
    /// Degradation classes (`num_classes`).
    public var classes: Int
    /// Bottlenecks of each stage (`num_res_blocks`); the reference has 2.
    public var blocks: Int
    /// Inner width of a bottleneck over its outer width; the reference has 2.
    public var expansion: Int
    /// Whether the features all have one size and are shrunk here, as SwinIR's (`downsample`).
    public var shrinksFeatures: Bool

    /// Creates the sizes.
    public init(
      featureChannels: [Int], classes: Int, blocks: Int = 2, expansion: Int = 2,
      shrinksFeatures: Bool = false
    ) {
      require(
        !featureChannels.isEmpty && classes > 1,
        "DegradationClassifier: features \(featureChannels), \(classes) classes")
      (self.featureChannels, self.classes, self.blocks) = (featureChannels, classes, blocks)
      (self.expansion, self.shrinksFeatures) = (expansion, shrinksFeatures)
    }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  /// All parameters, under the reference's names.
  public let store: ParameterStore
  private let mixingWeights: Parameter
  private let stages: [[Bottleneck]]
  private let narrowing: [Parameter]
  private let lastStage: [Bottleneck]
  private let fc: (weight: Parameter, bias: Parameter)

  /// Creates a classifier with start values drawn from `seed`.
  public init(_ configuration: Configuration, seed: UInt64 = 0) {
    let scope = Scope(seed: seed)
    let dims = configuration.featureChannels
    func stage(_ channels: Int, _ scope: Scope) -> [Bottleneck] {
      (0..<configuration.blocks).map {
        Bottleneck(channels, expansion: configuration.expansion, scope[$0])
      }
    }
    self.configuration = configuration
    store = scope.store
    mixingWeights = scope.vector("mixing_weights", shape: [dims.count], repeating: 1)
    stages = dims.enumerated().map { stage($1, scope["bottleneck_layers"][$0]) }
    narrowing = dims.indices.map { i in
      scope["downsample_layers"][i][0].weight(
        out: dims[min(i + 1, dims.count - 1)], in: dims[i], kernel: 1)
    }
    let last = dims[dims.count - 1]
    lastStage = stage(last, scope["last_stage"])
    fc = (
      scope["fc"].linearWeight(out: configuration.classes, in: last),
      scope["fc"].bias(configuration.classes, fanIn: last)
    )
  }

  /// Scores the classes.
  ///
  /// - Parameter features: Finest first; each half the size of the one before (or all of one size
  ///   with `shrinksFeatures`), the finest at least 2^(count) pixels a side.
  /// - Returns: `[n, 1, 1, classes]`, before any softmax.
  public func callAsFunction(_ features: [Tensor]) -> Tensor {
    require(
      features.count == stages.count,
      "DegradationClassifier: \(features.count) features for \(stages.count) stages")
    let weights = softmax(mixingWeights, beside: features[0])
    var y: Tensor?
    for (i, feature) in features.enumerated() {
      var z = mixed(y, fitted(feature, i), weights: weights, at: i)
      z = stages[i].reduce(z) { $1($0) }
      y = relu(maxPool2(pointwise(z, narrowing[i])))
    }
    let z = lastStage.reduce(y ?? features[0]) { $1($0) }
    return pointwise(spatialMean(z), fc.weight, fc.bias)
  }

  /// Every 2^i-th row and column, from the first on.
  private func fitted(_ feature: Tensor, _ i: Int) -> Tensor {
    guard configuration.shrinksFeatures, i > 0 else { return feature }
    let step = 1 << i
    func places(_ side: Int) -> [Int] { (0..<side / step).map { $0 * step } }
    return gathered(feature, rows: places(feature.shape.h), columns: places(feature.shape.w))
  }
}

/// A bottleneck: 1x1 wider, 3x3, 1x1 back, each followed by a LayerNorm, and the input added.
private struct Bottleneck {
  private let layers: [(weight: Parameter, norm: (weight: Parameter, bias: Parameter))]

  init(_ c: Int, expansion: Int, _ scope: Scope) {
    let wide = expansion * c
    layers = [(wide, c, 1), (wide, wide, 3), (c, wide, 1)].enumerated().map { i, sizes in
      let (out, inner, kernel) = sizes
      let place = scope["conv\(i + 1)"]
      // He et al.'s fan-out start, as the reference's.
      let start = Initial.normal(deviation: (2 / Double(out * kernel * kernel)).squareRoot())
      return (
        place.weight(out: out, in: inner, kernel: kernel, start: start),
        (
          place["norm"].vector("weight", shape: [out], repeating: 1),
          place["norm"].vector("bias", shape: [out], repeating: 0)
        )
      )
    }
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    var y = layerNorm(
      pointwise(x, layers[0].weight), layers[0].norm.weight, layers[0].norm.bias, relu: true)
    y = layerNorm(
      convolution3x3(y, layers[1].weight), layers[1].norm.weight, layers[1].norm.bias, relu: true)
    return layerNorm(
      pointwise(y, layers[2].weight), layers[2].norm.weight, layers[2].norm.bias, adding: x,
      relu: true)
  }
}
