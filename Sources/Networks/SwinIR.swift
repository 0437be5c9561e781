import Basics
import Tensors

/// SwinIR for restoration at one size: attention in windows, every second block in shifted ones.
///
/// Source: Liang et al. 2021, arXiv 2108.10257; `network_swinir.py` in JingyunLiang/SwinIR (published form) and
/// `swinir_arch.py` in MILab-PKU/dcpt (DCPT form: no position bias, no mask, other group names, no padding).
public struct SwinIR: RestorationNetwork {
  /// The sizes of a SwinIR.
  public struct Configuration: Sendable, Equatable {
    /// Which of the two code bases' networks.
    public enum Form: String, Sendable, CaseIterable {
      /// The first half of the groups is named encode_layers.0 ..., the second decode_layers0 ...; attention knows
      /// no positions, and shifted windows mix opposite borders. Sides must be multiples of the window's.
      case dcpt
      /// Groups are named layers.0 ...; relative positions and a mask; pads by reflection and crops.
      case published
    }
    /// The convolutions at the end of a group (`resi_connection`).
    public enum Residual: String, Sendable, CaseIterable {
      /// One 3x3.
      case one = "1conv"
      /// 3x3 to a quarter of the channels, 1x1, 3x3 back.
      case three = "3conv"
    }
    /// Channels (`embed_dim`).
    public var dim: Int
    /// Blocks of each group.
    ///
    /// In the DCPT form the second half of the groups is read from place 3 on, whatever their count: there
    /// must be five at least, and the last of an odd count is not used.
    public var depths: [Int]
    /// Attention heads of each group, read as `depths`.
    public var heads: [Int]
    /// Rows and columns of a window (`window_size`).
    public var windowSize: Int
    /// Inner over outer channels of the feed-forward networks (`mlp_ratio`).
    public var expansion: Double
    /// The convolutions at the end of a group (`resi_connection`).
    public var residual: Residual
    /// The side that the reference is constructed for (`img_size`).
    ///
    /// Where no window fits in it more than once, the window is that side and nothing is shifted. What is
    /// restored may have any size.
    public var imageSize: Int
    /// DCPT or published.
    public var form: Form

    /// Creates the sizes.
    public init(
      dim: Int, depths: [Int], heads: [Int], windowSize: Int = 8, expansion: Double = 2,
      residual: Residual = .one, imageSize: Int = 64, form: Form = .dcpt
    ) {
      require(
        dim > 0 && !depths.isEmpty && depths.count == heads.count && windowSize > 0
          && imageSize > 0,
        "SwinIR: dim \(dim), depths \(depths), heads \(heads), window \(windowSize)")
      require(
        form == .published || depths.count >= 5,
        "SwinIR: \(depths.count) groups; DCPT's form reads the decoder's from place 3 on")
      (self.dim, self.depths, self.heads) = (dim, depths, heads)
      (self.windowSize, self.expansion, self.residual) = (windowSize, expansion, residual)
      (self.imageSize, self.form) = (imageSize, form)
    }

    /// The side of the windows that attention takes place in.
    var side: Int { min(windowSize, imageSize) }
    /// The windows of block i of a group.
    func windows(ofBlock i: Int) -> Windows {
      let isShifted = i % 2 == 1 && imageSize > windowSize
      return Windows(
        side: side, shift: isShifted ? side / 2 : 0, isMasked: form == .published)
    }
    /// Groups that the second half has.
    var decoderCount: Int { max(1, depths.count / 2) }
    /// The places of `depths` and `heads` in running order.
    var order: [Int] {
      let half = depths.count / 2
      return form == .dcpt
        ? Array(0..<half) + Array(3..<3 + half) : Array(depths.indices)
    }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  /// All parameters.
  public let store: ParameterStore
  private let first: Layer
  private let embeddingNorm: ChannelNorm
  private let groups: [ResidualGroup]
  private let norm: ChannelNorm
  private let afterBody: ResidualConvolution
  private let last: Layer

  /// Creates a network with start values drawn from `seed`.
  public init(_ configuration: Configuration, seed: UInt64 = 0) {
    let scope = Scope(seed: seed)
    let (dim, half) = (configuration.dim, configuration.depths.count / 2)
    func place(_ group: Int) -> Scope {
      guard configuration.form == .dcpt else { return scope["layers"][group] }
      return group < half ? scope["encode_layers"][group] : scope["decode_layers\(group - half)"]
    }
    self.configuration = configuration
    store = scope.store
    first = Layer(scope["conv_first"], out: dim, in: 3, kernel: 3)
    embeddingNorm = ChannelNorm(scope["patch_embed"]["norm"], dim, epsilon: SwinIR.epsilon)
    groups = configuration.order.enumerated().map {
      ResidualGroup(place($0), configuration, setting: $1)
    }
    norm = ChannelNorm(scope["norm"], dim, epsilon: SwinIR.epsilon)
    afterBody = ResidualConvolution(scope["conv_after_body"], dim, configuration.residual)
    last = Layer(scope["conv_last"], out: 3, in: dim, kernel: 3)
  }

  /// Of every LayerNorm.
  static let epsilon: Float = 1e-5
  /// The mean colour of DIV2K, which the network does not see.
  static let mean: [Float] = [0.4488, 0.4371, 0.4040]

  /// The window's side in the DCPT form; any size in the published one.
  public var sizeMultiple: Int { configuration.form == .dcpt ? configuration.side : 1 }

  /// The window's side.
  public var paddingMultiple: Int { configuration.side }

  /// The same channels for each group of the second half.
  public var featureChannels: [Int] {
    Array(repeating: configuration.dim, count: configuration.decoderCount)
  }

  /// All groups work at the picture's size.
  public var featuresShareSize: Bool { true }

  /// Restores pictures.
  public func callAsFunction(_ lq: Tensor) -> Tensor { outputAndFeatures(lq).output }

  /// The outputs of the groups of the second half, last first.
  public func features(_ lq: Tensor) -> [Tensor] {
    decode(embedded(centred(lq))).reversed()
  }

  /// The restored pictures and the outputs of the groups of the second half, last first.
  public func outputAndFeatures(_ lq: Tensor) -> (output: Tensor, features: [Tensor]) {
    let x = centred(lq)
    let shallow = embedded(x)
    let outputs = decode(shallow)
    let deep = afterBody(norm(outputs[outputs.count - 1])) + shallow
    let restored = shifted(
      convolution3x3(deep, last.weight, last.bias) + x, by: SwinIR.mean)
    return (cropped(restored, height: lq.shape.h, width: lq.shape.w), outputs.reversed())
  }

  /// The picture without its mean colour, padded to whole windows where the form does so.
  private func centred(_ lq: Tensor) -> Tensor {
    requireSides(of: lq)
    return shifted(paddedToMultiple(lq, configuration.side), by: SwinIR.mean, times: -1)
  }

  private func embedded(_ x: Tensor) -> Tensor { convolution3x3(x, first.weight, first.bias) }

  /// The outputs of the groups of the second half, in running order.
  private func decode(_ shallow: Tensor) -> [Tensor] {
    var (y, outputs) = (embeddingNorm(shallow), [Tensor]())
    for group in groups {
      y = group(y)
      outputs.append(y)
    }
    return outputs.suffix(configuration.decoderCount)
  }
}

/// Blocks, then convolutions, and the input added.
private struct ResidualGroup {
  private let blocks: [WindowBlock]
  private let store: ParameterStore
  private let convolution: ResidualConvolution

  /// - Parameter setting: The group's place in `depths` and `heads`.
  init(_ scope: Scope, _ configuration: SwinIR.Configuration, setting: Int) {
    blocks = (0..<configuration.depths[setting]).map {
      WindowBlock(
        scope["residual_group"]["blocks"][$0], configuration, heads: configuration.heads[setting],
        configuration.windows(ofBlock: $0))
    }
    convolution = ResidualConvolution(scope["conv"], configuration.dim, configuration.residual)
    store = scope.store
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let y = blocks.reduce(x) { y, block in recomputed(y, in: store) { block($0) } }
    return convolution(y) + x
  }
}

/// The convolutions at the end of a group and of the body.
private struct ResidualConvolution {
  private let layers: [Layer]

  init(_ scope: Scope, _ dim: Int, _ residual: SwinIR.Configuration.Residual) {
    switch residual {
    case .one: layers = [Layer(scope, out: dim, in: dim, kernel: 3)]
    case .three:
      let narrow = dim / 4
      layers = [
        Layer(scope[0], out: narrow, in: dim, kernel: 3),
        Layer(scope[2], out: narrow, in: narrow, kernel: 1),
        Layer(scope[4], out: dim, in: narrow, kernel: 3),
      ]
    }
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let y = convolution3x3(x, layers[0].weight, layers[0].bias)
    guard layers.count > 1 else { return y }
    let z = leakyReLU(pointwise(leakyReLU(y), layers[1].weight, layers[1].bias))
    return convolution3x3(z, layers[2].weight, layers[2].bias)
  }
}

/// Attention in windows, then a feed-forward network, each on the normalised input and added to it.
private struct WindowBlock {
  private let norm1: ChannelNorm
  private let qkv: Layer
  private let bias: Parameter?
  private let projection: Layer
  private let norm2: ChannelNorm
  private let widening: Layer
  private let narrowing: Layer
  private let heads: Int
  private let windows: Windows

  init(_ scope: Scope, _ configuration: SwinIR.Configuration, heads: Int, _ windows: Windows) {
    let dim = configuration.dim
    require(dim % heads == 0, "SwinIR: \(dim) channels for \(heads) heads")
    let hidden = Int(Double(dim) * configuration.expansion)
    let start = Initial.normal(deviation: 0.02)
    let (attention, network) = (scope["attn"], scope["mlp"])
    norm1 = ChannelNorm(scope["norm1"], dim, epsilon: SwinIR.epsilon)
    qkv = Layer(linear: attention["qkv"], out: 3 * dim, in: dim, start: start)
    bias =
      configuration.form == .dcpt
      ? nil
      : attention.positionTable(
        "relative_position_bias_table", side: windows.side, heads: heads, start: start)
    projection = Layer(linear: attention["proj"], out: dim, in: dim, start: start)
    norm2 = ChannelNorm(scope["norm2"], dim, epsilon: SwinIR.epsilon)
    widening = Layer(linear: network["fc1"], out: hidden, in: dim, start: start)
    narrowing = Layer(linear: network["fc2"], out: dim, in: hidden, start: start)
    (self.heads, self.windows) = (heads, windows)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let projected = pointwise(norm1(x), qkv.weight, qkv.bias)
    let attended = windowAttention(projected, heads: heads, in: windows, bias)
    let y = pointwise(attended, projection.weight, projection.bias, adding: x)
    let wide = gelu(pointwise(norm2(y), widening.weight, widening.bias))
    return pointwise(wide, narrowing.weight, narrowing.bias, adding: y)
  }
}
