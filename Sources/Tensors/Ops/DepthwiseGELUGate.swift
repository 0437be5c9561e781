import Basics
import CKernels

/// Convolves depthwise with 3x3 kernels and gates: GELU of the first half of the channels times the second.
///
/// - Parameters:
///   - x: Features, `[n, h, w, 2c]`.
///   - weight: `[2c, 1, 3, 3]` in checkpoints.
///   - bias: `[2c]`, or nil for none.
/// - Returns: `[n, h, w, c]`.
/// - Saves: `x` until the backward pass, where the convolution is computed again.
/// - Source: The feed-forward network of Zamir et al. 2022, arXiv 2111.09881, figure 2b.
public func depthwiseGELUGate(_ x: Tensor, _ weight: Parameter, _ bias: Parameter? = nil) -> Tensor
{
  let s = x.shape
  require(
    s.c % 2 == 0 && weight.shape[0] == s.c,
    "depthwiseGELUGate: x has \(s.c) channels in \(s), weight is \(weight.shape)")
  let saved = x.detached
  let make: () -> Tensor = {
    let y = Tensor(s.channels(s.c / 2))
    kernels.depthwise_gelu_gate(
      s.n, s.h, s.w, s.c / 2, saved.pointer, weight.value, bias?.value, y.pointer)
    return y
  }
  return make().recorded(from: [x], training: [weight, bias], remake: make) { dy in
    let dx = Tensor(s)
    // Frozen parameters need no gradient, but the kernel adds one: give it somewhere to write.
    let spare = weight.isTrained ? nil : Tensor(Shape(1, 1, 9, s.c), repeating: 0)
    kernels.depthwise_gelu_gate_grad(
      s.n, s.h, s.w, s.c / 2, saved.pointer, weight.value, bias?.value, dy.pointer, dx.pointer,
      spare?.pointer ?? weight.gradient, spare == nil ? bias?.gradient : nil)
    return [dx]
  }
}
