import Basics
import Tensors

/// PromptIR: Restormer's blocks with learned prompts between the decoder's levels, mixed by what the picture
/// looks like.
///
/// Source: Potlapalli et al. 2023, arXiv 2306.13090; `model.py` in va1shn9v/PromptIR. DCPT computes the same.
public struct PromptIR: RestorationNetwork {
  /// The sizes of a PromptIR.
  public struct Configuration: Sendable, Equatable {
    /// Which of the two code bases' networks; they compute the same.
    public enum Form: String, Sendable, CaseIterable {
      /// Without what is never used.
      case dcpt
      /// With six tensors that checkpoints hold and no pass uses.
      case published
    }
    /// The prompts of levels 1 to 3.
    public struct Prompts: Sendable, Equatable {
      /// Maps to mix at each level (`prompt_len`).
      public var count: Int
      /// Channels at levels 1 to 3 (`prompt_dims`).
      public var channels: [Int]
      /// Sides of the stored maps at levels 1 to 3 (`prompt_sizes`).
      public var sides: [Int]

      /// Creates the sizes; the standard ones are the reference's, which has no others.
      public init(count: Int = 5, channels: [Int] = [64, 128, 320], sides: [Int] = [64, 32, 16]) {
        require(
          count > 0 && channels.count == 3 && sides.count == 3,
          "PromptIR: \(count) prompts of channels \(channels), sides \(sides)")
        (self.count, self.channels, self.sides) = (count, channels, sides)
      }
    }
    /// Channels at full size; doubled at each of three levels.
    public var dim: Int
    /// Blocks of levels 1 to 4, finest first; the decoder has as many (`num_blocks`).
    public var blocks: [Int]
    /// Blocks at full size after the decoder (`num_refinement_blocks`).
    public var refinementBlocks: Int
    /// Attention heads of levels 1 to 4; the blocks beside the prompts have those of level 3.
    public var heads: [Int]
    /// Inner over outer channels of the feed-forward networks (`ffn_expansion_factor`).
    public var expansion: Double
    /// Whether convolutions have biases, all but those of embedding, resampling and prompts (`bias`).
    public var hasBias: Bool
    /// Which LayerNorm (`LayerNorm_type`).
    public var norm: NormKind
    /// The prompts.
    public var prompts: Prompts
    /// DCPT's or published.
    public var form: Form

    /// Creates the sizes; the standard ones are the reference's.
    public init(
      dim: Int = 48, blocks: [Int] = [4, 6, 6, 8], refinementBlocks: Int = 4,
      heads: [Int] = [1, 2, 4, 8], expansion: Double = 2.66, hasBias: Bool = false,
      norm: NormKind = .withBias, prompts: Prompts = Prompts(), form: Form = .dcpt
    ) {
      require(
        dim > 0 && dim % 2 == 0 && blocks.count == 4 && heads.count == 4,
        "PromptIR: dim \(dim), blocks \(blocks), heads \(heads)")
      (self.dim, self.blocks, self.refinementBlocks) = (dim, blocks, refinementBlocks)
      (self.heads, self.expansion, self.hasBias) = (heads, expansion, hasBias)
      (self.norm, self.prompts, self.form) = (norm, prompts, form)
    }

    /// Channels of what the prompts of levels 1 to 3 are put beside.
    public var promptedChannels: [Int] { [2 * dim, 4 * dim, 8 * dim] }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  /// All parameters.
  public let store: ParameterStore
  private let encoder: TransformerEncoder
  private let stages: [PromptStage]
  private let ups: [Upsampling]
  private let narrowing: [Layer]
  private let decoders: [TransformerLevel]
  private let refinement: TransformerLevel
  private let ending: Layer

  /// Creates a network with start values drawn from `seed`.
  public init(_ configuration: Configuration, seed: UInt64 = 0) {
    let scope = Scope(seed: seed)
    let (dim, hasBias) = (configuration.dim, configuration.hasBias)
    let settings = TransformerBlock.Settings(
      norm: configuration.norm, epsilon: 1e-5, activation: .softmax,
      expansion: configuration.expansion, hasBias: hasBias)
    func level(_ name: String, _ count: Int, _ channels: Int, _ index: Int) -> TransformerLevel {
      TransformerLevel(
        scope[name], count, channels, heads: configuration.heads[index], settings)
    }
    self.configuration = configuration
    store = scope.store
    encoder = TransformerEncoder(
      scope, dim: dim, blocks: configuration.blocks, heads: configuration.heads, settings,
      level: { scope[$0] })
    stages = [3, 2, 1].map { PromptStage(scope, $0, configuration, settings) }
    // Each stage leaves 4, 4 and 2 dim channels; resampling halves them.
    ups = [(3, 4 * dim), (2, 4 * dim), (1, 2 * dim)].map {
      Upsampling(scope["up\($0 + 1)_\($0)"], $1, settings)
    }
    narrowing = [(3, 4 * dim, 6 * dim), (2, 2 * dim, 4 * dim)].map { number, out, inner in
      Layer(
        scope["reduce_chan_level\(number)"], out: out, in: inner, kernel: 1, hasBias: hasBias)
    }
    decoders = [(3, 4 * dim), (2, 2 * dim), (1, 2 * dim)].map {
      level("decoder_level\($0)", configuration.blocks[$0 - 1], $1, $0 - 1)
    }
    refinement = level("refinement", configuration.refinementBlocks, 2 * dim, 0)
    ending = Layer(scope["output"], out: 3, in: 2 * dim, kernel: 3, hasBias: hasBias)
    if configuration.form == .published { PromptIR.addUnused(scope, configuration) }
  }

  /// What upstream's checkpoints hold and no pass uses.
  private static func addUnused(_ scope: Scope, _ configuration: Configuration) {
    let (p, dim) = (configuration.prompts.channels, configuration.dim)
    let outs = [p[0], p[1], 4 * p[0]]
    for i in 0..<3 {
      _ = Layer(
        scope["chnl_reduce\(i + 1)"], out: outs[i], in: p[i], kernel: 1,
        hasBias: configuration.hasBias)
      _ = Layer(
        scope["reduce_noise_channel_\(i + 1)"], out: dim << i, in: (dim << i) + outs[i], kernel: 1,
        hasBias: configuration.hasBias)
    }
  }

  /// 8: three levels halve the size.
  public var sizeMultiple: Int { 8 }

  /// Channels at half, quarter and eighth size.
  public var featureChannels: [Int] { [2, 4, 4].map { $0 * configuration.dim } }

  /// The finest features have half the picture's size.
  public var featureStride: Int { 2 }

  /// Restores pictures.
  public func callAsFunction(_ lq: Tensor) -> Tensor { outputAndFeatures(lq).output }

  /// What is left of the prompts beside the decoder's features (`reduce_noise_level`), finest first.
  public func features(_ lq: Tensor) -> [Tensor] {
    requireSides(of: lq)
    let (skips, latent) = encoder(lq)
    return prompted(latent, skips).reversed()
  }

  /// The restored pictures and the features of the same pass, finest first.
  public func outputAndFeatures(_ lq: Tensor) -> (output: Tensor, features: [Tensor]) {
    requireSides(of: lq)
    let (skips, latent) = encoder(lq)
    let features = prompted(latent, skips)
    let y = refinement(decoders[2](concatenated(ups[2](features[2]), skips[0])))
    return (convolution3x3(y, ending.weight, ending.bias) + lq, features.reversed())
  }

  /// The prompt stages' outputs, coarsest first.
  private func prompted(_ latent: Tensor, _ skips: [Tensor]) -> [Tensor] {
    var outputs = [stages[0](latent)]
    for i in 0..<2 {
      let joined = concatenated(ups[i](outputs[i]), skips[2 - i])
      let y = decoders[i](pointwise(joined, narrowing[i].weight, narrowing[i].bias))
      outputs.append(stages[i + 1](y))
    }
    return outputs
  }
}

/// A prompt put beside the features, a transformer block over both, and a product that narrows them again.
private struct PromptStage {
  private let maps: Parameter
  private let chooser: Layer
  private let smoothing: Parameter
  private let block: TransformerBlock
  private let narrowing: Layer

  /// - Parameter number: Of the level, 1 to 3.
  init(
    _ scope: Scope, _ number: Int, _ configuration: PromptIR.Configuration,
    _ settings: TransformerBlock.Settings
  ) {
    let prompts = configuration.prompts
    let (width, inner) = (
      prompts.channels[number - 1], configuration.promptedChannels[number - 1]
    )
    let place = scope["prompt\(number)"]
    maps = place.maps(
      "prompt_param", count: prompts.count, channels: width, side: prompts.sides[number - 1])
    chooser = Layer(linear: place["linear_layer"], out: prompts.count, in: inner)
    smoothing = place["conv3x3"].weight(out: width, in: width, kernel: 3)
    block = TransformerBlock(
      scope["noise_level\(number)"], inner + width, heads: configuration.heads[2], settings)
    narrowing = Layer(
      scope["reduce_noise_level\(number)"],
      out: number == 1 ? 2 * configuration.dim : 4 * configuration.dim,
      in: inner + width, kernel: 1, hasBias: configuration.hasBias)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let weights = softmax(pointwise(spatialMean(x), chooser.weight, chooser.bias))
    let mixture = bilinearResized(
      weightedMaps(weights, maps), height: x.shape.h, width: x.shape.w)
    let y = block(concatenated(x, convolution3x3(mixture, smoothing)))
    return pointwise(y, narrowing.weight, narrowing.bias)
  }
}
