import Tensors

/// A LayerNorm over the channels of each pixel, with or without a shift.
struct ChannelNorm {
  private let weight: Parameter
  private let bias: Parameter?
  private let epsilon: Float

  /// Makes weight 1, and bias 0 unless `kind` has none.
  init(_ scope: Scope, _ channels: Int, _ kind: NormKind = .withBias, epsilon: Float) {
    weight = scope.vector("weight", shape: [channels], repeating: 1)
    bias = kind == .withBias ? scope.vector("bias", shape: [channels], repeating: 0) : nil
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    guard let bias else { return biasFreeNorm(x, weight, epsilon: epsilon) }
    return layerNorm(x, weight, bias, epsilon: epsilon)
  }
}

/// The two LayerNorms of Restormer, under the words of its options (`LayerNorm_type`).
public enum NormKind: String, Sendable, CaseIterable {
  /// Divides by the deviation and scales; the mean stays.
  case biasFree = "BiasFree"
  /// Takes the mean away, divides, scales and shifts.
  case withBias = "WithBias"
}
