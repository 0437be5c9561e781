import Basics
import Tensors

/// The blocks of Restormer and PromptIR, as nodes.
extension ONNXGraph {
  /// What a network's blocks have in common.
  struct TransformerSettings {
    let epsilon: Float
    let activation: ScoreActivation
    /// Attention heads of levels 1 to 4.
    let heads: [Int]
  }

  /// Blocks named `name.0`, `name.1` ...
  mutating func transformerLevel(
    _ x: Value, _ name: String, _ count: Int, heads: Int, _ settings: TransformerSettings
  ) -> Value {
    (0..<count).reduce(x) { y, i in
      transformerBlock(y, "\(name).\(i)", heads: heads, settings)
    }
  }

  mutating func transformerBlock(
    _ x: Value, _ name: String, heads: Int, _ settings: TransformerSettings
  ) -> Value {
    let normed = channelNorm(x, name + ".norm1.body", epsilon: settings.epsilon)
    let y = sum(x, channelAttention(normed, name + ".attn", heads: heads, settings.activation))
    let again = channelNorm(y, name + ".norm2.body", epsilon: settings.epsilon)
    return sum(y, gatedFeedForward(again, name + ".ffn"))
  }

  private mutating func channelAttention(
    _ x: Value, _ name: String, heads: Int, _ activation: ScoreActivation
  ) -> Value {
    let channels = entry(name + ".qkv.weight").shape[1]
    let all = convolution(
      convolution(x, name + ".qkv"), name + ".qkv_dwconv", isDepthwise: true)
    let parts = add("Split", [all], outputs: 3, [("axis", .integer(1))]).map {
      reshaped($0, [0, heads, channels / heads, -1])
    }
    let keys = transposed(normalised(parts[1]), [0, 1, 3, 2])
    let scores = product(
      add("MatMul", [normalised(parts[0]), keys]), weight(name + ".temperature"))
    let shares =
      activation == .relu
      ? add("Relu", [scores]) : add("Softmax", [scores], [("axis", .integer(-1))])
    let mixed = add("Reshape", [add("MatMul", [shares, parts[2]]), add("Shape", [x])])
    return convolution(mixed, name + ".project_out")
  }

  /// Divides rows by their length.
  private mutating func normalised(_ x: Value) -> Value {
    let length = add("ReduceL2", [x], [("axes", .integers([-1])), ("keepdims", .integer(1))])
    return add("Div", [x, add("Max", [length, number(1e-12)])])
  }

  private mutating func gatedFeedForward(_ x: Value, _ name: String) -> Value {
    let wide = convolution(
      convolution(x, name + ".project_in"), name + ".dwconv", isDepthwise: true)
    let parts = halves(wide)
    return convolution(product(gelu(parts[0]), parts[1]), name + ".project_out")
  }

  /// Three levels, each half the size of the one before, and the latent level.
  ///
  /// - Parameter place: The name of a level's list of blocks.
  mutating func transformerEncoder(
    _ x: Value, blocks: [Int], _ settings: TransformerSettings, place: (String) -> String
  ) -> (skips: [Value], latent: Value) {
    var y = convolution(x, "patch_embed.proj")
    var skips: [Value] = []
    for i in 0..<3 {
      y = transformerLevel(
        y, place("encoder_level\(i + 1)"), blocks[i], heads: settings.heads[i], settings)
      skips.append(y)
      let down = "down\(i + 1)_\(i + 2).body.0"
      let channels = entry(down + ".weight").shape[0]
      y = pixelUnshuffled(convolution(y, down), channels: channels)
    }
    let latent = transformerLevel(
      y, place("latent"), blocks[3], heads: settings.heads[3], settings)
    return (skips, latent)
  }

  /// Doubles the size.
  mutating func upsampled(_ x: Value, _ name: String) -> Value {
    pixelShuffled(convolution(x, name + ".body.0"))
  }
}
