import Basics
import CKernels

/// Normalises the channels of each pixel to mean 0 and variance 1, scales and shifts.
///
/// y[p, c] = (x[p, c] - mean_p) / sqrt(variance_p + epsilon) weight[c] + bias[c], variance divided by c;
/// then plus `addend`, then cut at 0 when `relu`.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - weight: `[c]`.
///   - bias: `[c]`.
///   - epsilon: 1e-6 in NAFNet and in the classifier.
///   - addend: Added after the shift, `[n, h, w, c]`; the end of a bottleneck.
///   - relu: Whether negative results become 0.
/// - Returns: `[n, h, w, c]`.
/// - Saves: `x`, two statistics a pixel, and with `relu` the result.
public func layerNorm(
  _ x: Tensor, _ weight: Parameter, _ bias: Parameter, epsilon: Float = 1e-6,
  adding addend: Tensor? = nil,
  relu: Bool = false
) -> Tensor {
  let s = x.shape
  require(
    weight.count == s.c, "layerNorm: x has \(s.c) channels in \(s), weight is \(weight.shape)")
  let y = Tensor(s)
  let statistics = Storage(count: 2 * s.pixels)
  let cut: Int32 = relu ? 1 : 0
  kernels.layer_norm(
    s.pixels, s.c, epsilon, x.pointer, weight.value, bias.value, addend?.pointer, cut, y.pointer,
    statistics.pointer, statistics.pointer + s.pixels)
  let saved = x.detached
  let result = relu ? y.detached : nil
  let adds = addend != nil
  let remake: () -> Tensor = {
    let y = Tensor(s)
    kernels.layer_norm(
      s.pixels, s.c, epsilon, saved.pointer, weight.value, bias.value, nil, 0, y.pointer,
      statistics.pointer, statistics.pointer + s.pixels)
    return y
  }
  return y.recorded(
    from: adds ? [x, addend ?? x] : [x], training: [weight, bias],
    remake: adds || relu ? nil : remake
  ) { dy in
    let dx = Tensor(s)
    let daddend = adds && relu ? Tensor(s) : nil
    let spare = weight.isTrained ? nil : Storage(count: 2 * s.c)
    spare?.pointer.update(repeating: 0, count: 2 * s.c)
    kernels.layer_norm_grad(
      s.pixels, s.c, saved.pointer, weight.value, statistics.pointer, statistics.pointer + s.pixels,
      result?.pointer,
      cut, dy.pointer, dx.pointer, daddend?.pointer, spare?.pointer ?? weight.gradient,
      spare.map { $0.pointer + s.c } ?? bias.gradient)
    return adds ? [dx, daddend ?? dy] : [dx]
  }
}
