import Basics
import CKernels

/// What scores of queries and keys become before values are weighted by them.
public enum ScoreActivation: Sendable {
  /// Positive, sum 1 over the keys.
  case softmax
  /// Negative scores are cut at 0; what is left is not normalised.
  case relu
}

/// Attention between channels: every channel becomes a mixture of the channels of its head.
///
/// Queries and keys are divided by their Euclidean length over the pixels, at least 1e-12.
/// y[p, i] = sum_j activation(t[head] q_i . k_j) v[p, j], i and j of one head.
///
/// - Parameters:
///   - qkv: Queries, keys and values, `[n, h, w, 3c]`; each a group of c channels, head after head.
///   - temperature: `[heads, 1, 1]` in checkpoints; its count says how many heads there are.
///   - activation: `relu` in DCPT's Restormer, `softmax` in the published one and in PromptIR.
/// - Returns: `[n, h, w, c]`.
/// - Saves: `qkv`, and c (c/heads + 2) floats a picture.
/// - Source: Zamir et al. 2022, arXiv 2111.09881, figure 2a.
public func channelAttention(_ qkv: Tensor, _ temperature: Parameter, _ activation: ScoreActivation)
  -> Tensor
{
  let s = qkv.shape
  let (c, heads) = (s.c / 3, temperature.count)
  require(
    s.c % 3 == 0 && c % heads == 0,
    "channelAttention: qkv has \(s.c) channels in \(s), which are not 3 times \(heads) heads")
  let usesSoftmax: Int32 = activation == .softmax ? 1 : 0
  let y = Tensor(s.channels(c))
  let kept = Storage(count: s.n * c * (c / heads + 2))
  kernels.channel_attention(
    s.n, s.area, c, heads, usesSoftmax, qkv.pointer, temperature.value, y.pointer, kept.pointer)
  let saved = qkv.detached
  return y.recorded(from: [qkv], training: [temperature]) { dy in
    let dqkv = Tensor(s)
    kernels.channel_attention_grad(
      s.n, s.area, c, heads, usesSoftmax, saved.pointer, temperature.value, kept.pointer,
      dy.pointer, dqkv.pointer, temperature.isTrained ? temperature.gradient : nil)
    return [dqkv]
  }
}
