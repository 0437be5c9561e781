import Basics
import Tensors

/// A block of Restormer and PromptIR: attention between channels, then a gated feed-forward network, each
/// on the normalised input and added to it.
///
/// Source: Zamir et al. 2022, arXiv 2111.09881, figure 2.
struct TransformerBlock {
  /// What all blocks of a network have in common.
  struct Settings {
    let norm: NormKind
    let epsilon: Float
    let activation: ScoreActivation
    /// Inner over outer channels of the feed-forward network.
    let expansion: Double
    let hasBias: Bool
    /// How weights of convolutions start; nil for PyTorch's default.
    var start: Initial?
  }

  private let norm1: ChannelNorm
  private let temperature: Parameter
  private let qkv: Layer
  private let qkvDepthwise: Layer
  private let activation: ScoreActivation
  private let attentionOut: Layer
  private let norm2: ChannelNorm
  private let projectIn: Layer
  private let depthwise: Layer
  private let projectOut: Layer

  init(_ scope: Scope, _ c: Int, heads: Int, _ settings: Settings) {
    require(c % heads == 0, "TransformerBlock: \(c) channels for \(heads) heads")
    func layer(_ scope: Scope, out: Int, in inner: Int, kernel: Int = 1) -> Layer {
      Layer(
        scope, out: out, in: inner, kernel: kernel, hasBias: settings.hasBias,
        start: settings.start)
    }
    func norm(_ name: String) -> ChannelNorm {
      ChannelNorm(scope[name]["body"], c, settings.norm, epsilon: settings.epsilon)
    }
    let (attention, network) = (scope["attn"], scope["ffn"])
    let hidden = Int(Double(c) * settings.expansion)
    norm1 = norm("norm1")
    temperature = attention.vector("temperature", shape: [heads, 1, 1], repeating: 1)
    qkv = layer(attention["qkv"], out: 3 * c, in: c)
    qkvDepthwise = layer(attention["qkv_dwconv"], out: 3 * c, in: 1, kernel: 3)
    attentionOut = layer(attention["project_out"], out: c, in: c)
    norm2 = norm("norm2")
    projectIn = layer(network["project_in"], out: 2 * hidden, in: c)
    depthwise = layer(network["dwconv"], out: 2 * hidden, in: 1, kernel: 3)
    projectOut = layer(network["project_out"], out: c, in: hidden)
    activation = settings.activation
  }

  /// - Parameter x: `[n, h, w, c]`.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let projected = pointwise(norm1(x), qkv.weight, qkv.bias)
    let mixed = channelAttention(
      depthwise3x3(projected, qkvDepthwise.weight, qkvDepthwise.bias), temperature, activation)
    let y = pointwise(mixed, attentionOut.weight, attentionOut.bias, adding: x)
    let wide = pointwise(norm2(y), projectIn.weight, projectIn.bias)
    let gated = depthwiseGELUGate(wide, depthwise.weight, depthwise.bias)
    return pointwise(gated, projectOut.weight, projectOut.bias, adding: y)
  }
}

/// Blocks of one size, one after the other.
struct TransformerLevel {
  private let blocks: [TransformerBlock]
  private let store: ParameterStore

  init(
    _ scope: Scope, _ count: Int, _ channels: Int, heads: Int, _ settings: TransformerBlock.Settings
  ) {
    blocks = (0..<count).map { TransformerBlock(scope[$0], channels, heads: heads, settings) }
    store = scope.store
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    blocks.reduce(x) { y, block in recomputed(y, in: store) { block($0) } }
  }
}
