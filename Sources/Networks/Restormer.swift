import Basics
import Tensors

/// Restormer: a U-shaped transformer whose attention is between channels, so that its cost grows with the
/// pixels and not with their square.
///
/// Source: Zamir et al. 2022, arXiv 2111.09881; `restormer_arch.py` in swz30/Restormer (published form) and in
/// MILab-PKU/dcpt, which has two other forms.
public struct Restormer: RestorationNetwork {
  /// The sizes of a Restormer.
  public struct Configuration: Sendable, Equatable {
    /// Which of the code bases' networks; weights of one do not fit another.
    public enum Form: String, Sendable, CaseIterable {
      /// The one that DCPT pre-trains: scores are cut at 0 instead of a softmax, blocks are named body.0 ...
      case dcpt
      /// DCPT's `Restormer_origin`, which its guided fine-tuning takes: scores as above, names as published.
      case dcptOrigin = "dcpt_origin"
      /// Softmax over the keys.
      case published

      /// The LayerNorm that the form has unless told otherwise.
      public var usualNorm: NormKind { self == .dcpt ? .biasFree : .withBias }
    }
    /// Channels at full size; doubled at each of three levels.
    public var dim: Int
    /// Blocks of levels 1 to 4, finest first; the decoder has as many (`num_blocks`).
    public var blocks: [Int]
    /// Blocks at full size after the decoder (`num_refinement_blocks`).
    public var refinementBlocks: Int
    /// Attention heads of levels 1 to 4.
    public var heads: [Int]
    /// Inner over outer channels of the feed-forward networks (`ffn_expansion_factor`).
    public var expansion: Double
    /// Whether convolutions have biases: in the published form all but the resampling ones, in DCPT's forms the ones
    /// that narrow and the last (`bias`).
    public var hasBias: Bool
    /// Which LayerNorm (`LayerNorm_type`).
    public var norm: NormKind
    /// DCPT's or published.
    public var form: Form

    /// Creates the sizes; the standard ones are the published network's.
    ///
    /// - Parameter norm: nil for the form's usual one.
    public init(
      dim: Int = 48, blocks: [Int] = [4, 6, 6, 8], refinementBlocks: Int = 4,
      heads: [Int] = [1, 2, 4, 8], expansion: Double = 2.66, hasBias: Bool = false,
      norm: NormKind? = nil, form: Form = .dcpt
    ) {
      require(
        dim > 0 && dim % 2 == 0 && blocks.count == 4 && heads.count == 4,
        "Restormer: dim \(dim), blocks \(blocks), heads \(heads)")
      (self.dim, self.blocks, self.refinementBlocks) = (dim, blocks, refinementBlocks)
      (self.heads, self.expansion, self.hasBias) = (heads, expansion, hasBias)
      (self.norm, self.form) = (norm ?? form.usualNorm, form)
    }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  /// All parameters.
  public let store: ParameterStore
  private let encoder: TransformerEncoder
  private let ups: [Upsampling]
  private let narrowing: [Layer]
  private let decoders: [TransformerLevel]
  private let refinement: TransformerLevel
  private let ending: Layer

  /// Creates a network with start values drawn from `seed`.
  public init(_ configuration: Configuration, seed: UInt64 = 0) {
    let scope = Scope(seed: seed)
    let (dim, form) = (configuration.dim, configuration.form)
    let settings = TransformerBlock.Settings(
      norm: configuration.norm, epsilon: form == .published ? 1e-5 : 1e-6,
      activation: form == .published ? .softmax : .relu, expansion: configuration.expansion,
      hasBias: configuration.hasBias && form == .published,
      start: form == .dcpt ? .normal(deviation: 0.02) : nil)
    func place(_ name: String) -> Scope { form == .dcpt ? scope[name]["body"] : scope[name] }
    func level(_ name: String, _ count: Int, _ channels: Int, _ index: Int) -> TransformerLevel {
      TransformerLevel(
        place(name), count, channels, heads: configuration.heads[index], settings)
    }
    self.configuration = configuration
    store = scope.store
    encoder = TransformerEncoder(
      scope, dim: dim, blocks: configuration.blocks, heads: configuration.heads, settings,
      level: place)
    ups = [3, 2, 1].map { Upsampling(scope["up\($0 + 1)_\($0)"], dim << $0, settings) }
    narrowing = [3, 2].map {
      Layer(
        scope["reduce_chan_level\($0)"], out: dim << ($0 - 1), in: dim << $0, kernel: 1,
        hasBias: configuration.hasBias, start: settings.start)
    }
    // The finest level keeps both halves of what it joins.
    decoders = [(3, 4 * dim), (2, 2 * dim), (1, 2 * dim)].map {
      level("decoder_level\($0)", configuration.blocks[$0 - 1], $1, $0 - 1)
    }
    refinement = level("refinement", configuration.refinementBlocks, 2 * dim, 0)
    ending = Layer(
      scope["output"], out: 3, in: 2 * dim, kernel: 3, hasBias: configuration.hasBias,
      start: settings.start)
  }

  /// 8: three levels halve the size.
  public var sizeMultiple: Int { 8 }

  /// Channels at full, half and quarter size.
  public var featureChannels: [Int] { [2, 2, 4].map { $0 * configuration.dim } }

  /// Restores pictures.
  public func callAsFunction(_ lq: Tensor) -> Tensor { outputAndFeatures(lq).output }

  /// The outputs of the decoder levels, finest first.
  public func features(_ lq: Tensor) -> [Tensor] { decode(lq).reversed() }

  /// The restored pictures and the decoder levels' outputs, finest first.
  public func outputAndFeatures(_ lq: Tensor) -> (output: Tensor, features: [Tensor]) {
    let outputs = decode(lq)
    let refined = refinement(outputs[2])
    return (convolution3x3(refined, ending.weight, ending.bias) + lq, outputs.reversed())
  }

  /// Decoder outputs, coarsest first.
  private func decode(_ lq: Tensor) -> [Tensor] {
    requireSides(of: lq)
    let (skips, latent) = encoder(lq)
    var (y, outputs) = (latent, [Tensor]())
    for (i, (up, decoder)) in zip(ups, decoders).enumerated() {
      y = concatenated(up(y), skips[2 - i])
      if i < narrowing.count { y = pointwise(y, narrowing[i].weight, narrowing[i].bias) }
      y = decoder(y)
      outputs.append(y)
    }
    return outputs
  }
}
