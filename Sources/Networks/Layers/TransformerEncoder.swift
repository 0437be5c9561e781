import Tensors

/// The first half of Restormer and PromptIR: three levels, each half the size and twice the channels of
/// the one before, and the latent level.
struct TransformerEncoder {
  private let embedding: Layer
  private let levels: [TransformerLevel]
  private let downs: [Layer]

  /// - Parameters:
  ///   - blocks: Blocks of each of the four levels.
  ///   - level: The place of a level's blocks, by its name.
  init(
    _ scope: Scope, dim: Int, blocks: [Int], heads: [Int], _ settings: TransformerBlock.Settings,
    level: (String) -> Scope
  ) {
    embedding = Layer(
      scope["patch_embed"]["proj"], out: dim, in: 3, kernel: 3, hasBias: false,
      start: settings.start)
    levels = (0..<4).map {
      TransformerLevel(
        level($0 < 3 ? "encoder_level\($0 + 1)" : "latent"), blocks[$0], dim << $0,
        heads: heads[$0], settings)
    }
    downs = (0..<3).map {
      Layer(
        scope["down\($0 + 1)_\($0 + 2)"]["body"][0], out: (dim << $0) / 2, in: dim << $0, kernel: 3,
        hasBias: false, start: settings.start)
    }
  }

  /// - Parameter picture: `[n, h, w, 3]`, h and w multiples of 8.
  /// - Returns: What each level leaves, finest first, and the latent at an eighth of the size.
  func callAsFunction(_ picture: Tensor) -> (skips: [Tensor], latent: Tensor) {
    var y = convolution3x3(picture, embedding.weight)
    var skips: [Tensor] = []
    for (level, down) in zip(levels, downs) {
      skips.append(level(y))
      y = pixelUnshuffled(convolution3x3(skips[skips.count - 1], down.weight))
    }
    return (skips, levels[3](y))
  }
}

/// Doubles both sides and halves the channels: a 3x3 convolution, then a pixel shuffle.
struct Upsampling {
  private let weight: Parameter

  init(_ scope: Scope, _ channels: Int, _ settings: TransformerBlock.Settings) {
    weight = scope["body"][0].shuffledWeight(
      out: 2 * channels, in: channels, kernel: 3, start: settings.start)
  }

  /// - Parameter x: `[n, h, w, c]`.
  /// - Returns: `[n, 2h, 2w, c/2]`.
  func callAsFunction(_ x: Tensor) -> Tensor { depthToSpace(convolution3x3(x, weight)) }
}
