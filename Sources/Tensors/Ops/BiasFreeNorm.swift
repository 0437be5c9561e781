import Basics
import CKernels

/// Divides each pixel's channels by their deviation and scales them; the mean stays.
///
/// y[p, c] = x[p, c] / sqrt(variance_p + epsilon) weight[c]. The variance is about the mean, yet the mean
/// is not subtracted: Restormer's "BiasFree" LayerNorm.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - weight: `[c]`.
///   - epsilon: 1e-5 in the published Restormer and PromptIR, 1e-6 in DCPT's Restormer.
/// - Saves: `x` and two statistics a pixel until the backward pass.
public func biasFreeNorm(_ x: Tensor, _ weight: Parameter, epsilon: Float) -> Tensor {
  let s = x.shape
  require(
    weight.count == s.c, "biasFreeNorm: x has \(s.c) channels in \(s), weight is \(weight.shape)")
  let statistics = Storage(count: 2 * s.pixels)
  let saved = x.detached
  let make: () -> Tensor = {
    let y = Tensor(s)
    kernels.bias_free_norm(
      s.pixels, s.c, epsilon, saved.pointer, weight.value, y.pointer, statistics.pointer,
      statistics.pointer + s.pixels)
    return y
  }
  return make().recorded(from: [x], training: [weight], remake: make) { dy in
    let dx = Tensor(s)
    let spare = weight.isTrained ? nil : Tensor(Shape(1, 1, 1, s.c), repeating: 0)
    kernels.bias_free_norm_grad(
      s.pixels, s.c, saved.pointer, weight.value, statistics.pointer, statistics.pointer + s.pixels,
      dy.pointer,
      dx.pointer, spare?.pointer ?? weight.gradient)
    return [dx]
  }
}
