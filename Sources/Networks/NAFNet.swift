import Basics
import Tensors

/// NAFNet: a U-shaped network of blocks without activation functions.
///
/// Source: Chen et al. 2022, arXiv 2204.04676; `NAFNet_arch.py` in megvii-research/NAFNet (published
/// form) and in MILab-PKU/dcpt (DCPT form: other decoder names, no padding).
public struct NAFNet: RestorationNetwork {
  /// The sizes of a NAFNet.
  public struct Configuration: Sendable, Equatable {
    /// Which of the two code bases' networks.
    public enum Form: String, Sendable, CaseIterable {
      /// Decoders are named decoder0, decoder1 ...; sides must be multiples of 2^levels.
      case dcpt
      /// Decoders are named decoders.0 ...; pads with zeros to a multiple and crops.
      case published
    }
    /// Channels at full size; doubled at each level.
    public var width: Int
    /// Blocks of each encoder level, finest first (`enc_blk_nums`).
    public var encoderBlocks: [Int]
    /// Blocks at the coarsest size (`middle_blk_num`).
    public var middleBlocks: Int
    /// Blocks of each decoder level, coarsest first (`dec_blk_nums`).
    public var decoderBlocks: [Int]
    /// DCPT or published.
    public var form: Form
    /// The training patch's rows and columns; set: pictures larger than 1.5 times it are pooled locally (TLC).
    public var trainSize: [Int]?

    /// Creates the sizes.
    public init(
      width: Int, encoderBlocks: [Int], middleBlocks: Int, decoderBlocks: [Int], form: Form = .dcpt,
      trainSize: [Int]? = nil
    ) {
      require(
        width > 0 && !encoderBlocks.isEmpty && encoderBlocks.count == decoderBlocks.count,
        "NAFNet: width \(width), encoder levels \(encoderBlocks.count), decoder levels \(decoderBlocks.count)"
      )
      (self.width, self.encoderBlocks, self.middleBlocks) = (width, encoderBlocks, middleBlocks)
      (self.decoderBlocks, self.form, self.trainSize) = (decoderBlocks, form, trainSize)
    }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  /// All parameters.
  public let store: ParameterStore
  private let intro: Layer
  private let ending: Layer
  private let encoders: [[NAFBlockParameters]]
  private let downs: [Layer]
  private let middle: [NAFBlockParameters]
  private let ups: [Parameter]
  private let decoders: [[NAFBlockParameters]]

  /// Creates a network with start values drawn from `seed`.
  public init(_ configuration: Configuration, seed: UInt64 = 0) {
    let scope = Scope(seed: seed)
    let levels = configuration.encoderBlocks.count
    let width = configuration.width
    func blocks(_ count: Int, _ channels: Int, _ scope: Scope) -> [NAFBlockParameters] {
      (0..<count).map { NAFBlockParameters(channels, scope[$0]) }
    }
    func decoder(_ j: Int) -> Scope {
      configuration.form == .dcpt ? scope["decoder\(j)"] : scope["decoders"][j]
    }
    self.configuration = configuration
    store = scope.store
    intro = Layer(scope["intro"], out: width, in: 3, kernel: 3)
    ending = Layer(scope["ending"], out: 3, in: width, kernel: 3)
    encoders = (0..<levels).map {
      blocks(configuration.encoderBlocks[$0], width << $0, scope["encoders"][$0])
    }
    downs = (0..<levels).map {
      Layer(scope["downs"][$0], out: width << ($0 + 1), in: width << $0, kernel: 2)
    }
    middle = blocks(configuration.middleBlocks, width << levels, scope["middle_blks"])
    ups = (0..<levels).map {
      scope["ups"][$0][0].shuffledWeight(
        out: 2 * width << (levels - $0), in: width << (levels - $0))
    }
    decoders = (0..<levels).map {
      blocks(configuration.decoderBlocks[$0], width << (levels - 1 - $0), decoder($0))
    }
  }

  private var levels: Int { encoders.count }

  /// 2^levels in the DCPT form; any size in the published one.
  public var sizeMultiple: Int { configuration.form == .dcpt ? 1 << levels : 1 }

  /// At least 16, as the official options say.
  public var paddingMultiple: Int { max(16, sizeMultiple) }

  /// Width at full size, double at half size, and so on.
  public var featureChannels: [Int] { (0..<levels).map { configuration.width << $0 } }

  /// Restores pictures.
  public func callAsFunction(_ lq: Tensor) -> Tensor { outputAndFeatures(lq).output }

  /// The outputs of the decoder levels, finest first.
  public func features(_ lq: Tensor) -> [Tensor] { decode(fitted(lq)).reversed() }

  /// The restored pictures and the decoder levels' outputs, finest first.
  public func outputAndFeatures(_ lq: Tensor) -> (output: Tensor, features: [Tensor]) {
    let x = fitted(lq)
    let outputs = decode(x)
    let restored = convolution3x3(outputs[levels - 1], ending.weight, ending.bias) + x
    return (cropped(restored, height: lq.shape.h, width: lq.shape.w), outputs.reversed())
  }

  /// Decoder outputs, coarsest first.
  private func decode(_ x: Tensor) -> [Tensor] {
    var y = convolution3x3(x, intro.weight, intro.bias)
    var skips: [Tensor] = []
    for level in 0..<levels {
      y = run(encoders[level], y, level)
      skips.append(y)
      y = downsample2x2(y, downs[level].weight, downs[level].bias)
    }
    y = run(middle, y, levels)
    var outputs: [Tensor] = []
    for j in 0..<levels {
      let level = levels - 1 - j
      y = upsampleShuffle(y, ups[j], adding: skips[level])
      y = run(decoders[j], y, level)
      outputs.append(y)
    }
    return outputs
  }

  private func run(_ blocks: [NAFBlockParameters], _ x: Tensor, _ level: Int) -> Tensor {
    let window = poolingWindow(level)
    return blocks.reduce(x) { y, block in
      recomputed(y, in: store) { nafBlock($0, block, window: window) }
    }
  }

  /// The window grows with the training size: 1.5 times the level's map in training.
  private func poolingWindow(_ level: Int) -> (rows: Int, columns: Int)? {
    guard let size = configuration.trainSize else { return nil }
    let sides = size.map { ($0 >> level) * ($0 * 3 / 2) / $0 }
    return (sides[0], sides[1])
  }

  private func fitted(_ lq: Tensor) -> Tensor {
    let s = lq.shape
    require(s.c == 3, "NAFNet: the picture has \(s.c) channels in \(s), not 3")
    let multiple = 1 << levels
    let (right, bottom) = (
      (multiple - s.w % multiple) % multiple, (multiple - s.h % multiple) % multiple
    )
    require(
      configuration.form == .published || right == 0 && bottom == 0,
      "NAFNet: sides of \(s) must be multiples of \(multiple)")
    return padded(lq, right: right, bottom: bottom, .zero)
  }
}
