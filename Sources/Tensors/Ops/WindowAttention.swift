import Basics
import CKernels

/// Square windows of a map that is rolled up and left before it is cut, as Swin Transformers attend in them.
public struct Windows: Sendable, Equatable {
  /// Rows and columns of a window.
  public let side: Int
  /// How far the map is rolled.
  public let shift: Int
  /// Whether pixels that the roll brought together from opposite borders see little of each other.
  public let isMasked: Bool

  /// Creates the cut.
  public init(side: Int, shift: Int = 0, isMasked: Bool = false) {
    require(side > 0 && shift >= 0 && shift < side, "Windows: side \(side), shift \(shift)")
    (self.side, self.shift, self.isMasked) = (side, shift, isMasked)
  }
}

/// Attention between the pixels of each window.
///
/// y_i = sum_j softmax_j(q_i . k_j / sqrt(c / heads) + bias + mask) v_j for each head; i and j are pixels of one window.
/// The mask is -100 for pixels of a window that lie at opposite borders of the map, and is there only
/// when the windows are masked.
///
/// - Parameters:
///   - qkv: Queries, keys and values, `[n, h, w, 3c]`, h and w multiples of the windows' side; each a group of
///     c channels, head after head.
///   - heads: Groups of channels that attend apart.
///   - windows: How the map is cut.
///   - bias: The relative position table, `[(2 side - 1)^2, heads]` in checkpoints: row
///     (yi - yj + side - 1)(2 side - 1) + xi - xj + side - 1 for query i and key j. nil for none.
/// - Returns: `[n, h, w, c]`, each pixel in its place.
/// - Saves: `qkv` until the backward pass, where the scores are computed again.
/// - Source: Liu et al. 2021, arXiv 2103.14030; Liang et al. 2021, arXiv 2108.10257.
public func windowAttention(
  _ qkv: Tensor, heads: Int, in windows: Windows, _ bias: Parameter? = nil
) -> Tensor {
  let s = qkv.shape
  let (c, side) = (s.c / 3, windows.side)
  require(
    s.c % 3 == 0 && c % heads == 0,
    "windowAttention: qkv has \(s.c) channels in \(s), which are not 3 times \(heads) heads")
  require(
    s.h % side == 0 && s.w % side == 0,
    "windowAttention: sides of \(s) must be multiples of \(side)")
  require(
    bias == nil || bias?.shape == [(2 * side - 1) * (2 * side - 1), heads],
    "windowAttention: the table of positions is \(bias?.shape ?? []), side \(side), heads \(heads)")
  let masked: Int32 = windows.isMasked ? 1 : 0
  let y = Tensor(s.channels(c))
  kernels.window_attention(
    s.n, s.h, s.w, c, heads, side, windows.shift, masked, qkv.pointer, bias?.value, y.pointer)
  let saved = qkv.detached
  return y.recorded(from: [qkv], training: [bias]) { dy in
    let dqkv = Tensor(s)
    let trained = bias.flatMap { $0.isTrained ? $0.gradient : nil }
    kernels.window_attention_grad(
      s.n, s.h, s.w, c, heads, side, windows.shift, masked, saved.pointer, bias?.value, dy.pointer,
      dqkv.pointer, trained)
    return [dqkv]
  }
}
