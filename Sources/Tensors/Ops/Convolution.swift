import Basics
import CKernels

/// Convolves with a 3x3 kernel, zero padding 1, stride 1 (cross-correlation, as in PyTorch).
///
/// - Parameters:
///   - x: Features, `[n, h, w, in]`.
///   - weight: `[out, in, 3, 3]` in checkpoints.
///   - bias: `[out]`, or nil for none.
/// - Returns: `[n, h, w, out]`.
/// - Saves: `x` until the backward pass.
public func convolution3x3(_ x: Tensor, _ weight: Parameter, _ bias: Parameter? = nil) -> Tensor {
  let (out, inner) = (weight.shape[0], weight.shape[1])
  require(
    x.shape.c == inner,
    "convolution3x3: x has \(x.shape.c) channels in \(x.shape), weight wants \(inner) in \(weight.shape)"
  )
  let s = x.shape
  let y = Tensor(s.channels(out))
  kernels.conv3x3(s.n, s.h, s.w, inner, out, x.pointer, weight.value, bias?.value, y.pointer)
  let saved = x.detached
  let wantsGradient = x.wantsGradient
  return y.recorded(from: [x], training: [weight, bias]) { dy in
    if weight.isTrained {
      kernels.conv3x3_grad_weight(
        s.n, s.h, s.w, inner, out, saved.pointer, dy.pointer, weight.gradient, bias?.gradient)
    }
    guard wantsGradient else { return [nil] }
    let dx = Tensor(s)
    kernels.conv3x3_grad_input(s.n, s.h, s.w, inner, out, dy.pointer, weight.value, dx.pointer)
    return [dx]
  }
}

/// Convolves each channel with a 3x3 kernel of its own, zero padding 1.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - weight: `[c, 1, 3, 3]` in checkpoints.
///   - bias: `[c]`, or nil for none.
/// - Returns: `[n, h, w, c]`.
/// - Saves: `x` until the backward pass.
public func depthwise3x3(_ x: Tensor, _ weight: Parameter, _ bias: Parameter? = nil) -> Tensor {
  require(
    weight.shape[0] == x.shape.c,
    "depthwise3x3: x has \(x.shape.c) channels in \(x.shape), weight is \(weight.shape)")
  let s = x.shape
  let y = Tensor(s)
  kernels.depthwise3x3(s.n, s.h, s.w, s.c, x.pointer, weight.value, bias?.value, y.pointer)
  let saved = x.detached
  return y.recorded(from: [x], training: [weight, bias]) { dy in
    if weight.isTrained {
      kernels.depthwise3x3_grad_weight(
        s.n, s.h, s.w, s.c, saved.pointer, dy.pointer, weight.gradient, bias?.gradient)
    }
    let dx = Tensor(s)
    kernels.depthwise3x3_grad_input(s.n, s.h, s.w, s.c, dy.pointer, weight.value, dx.pointer)
    return [dx]
  }
}

/// Convolves depthwise with 3x3 kernels and gates: the first half of the channels times the second.
///
/// - Parameters:
///   - x: Features, `[n, h, w, 2c]`.
///   - weight: `[2c, 1, 3, 3]` in checkpoints.
///   - bias: `[2c]`.
/// - Returns: `[n, h, w, c]`.
/// - Saves: `x` until the backward pass, where the convolution is computed again.
/// - Source: Chen et al. 2022, arXiv 2204.04676, figure 4c.
public func depthwiseGate(_ x: Tensor, _ weight: Parameter, _ bias: Parameter) -> Tensor {
  let s = x.shape
  require(
    s.c % 2 == 0 && weight.shape[0] == s.c,
    "depthwiseGate: x has \(s.c) channels in \(s), weight is \(weight.shape)")
  let y = Tensor(s.channels(s.c / 2))
  kernels.depthwise_gate(s.n, s.h, s.w, s.c / 2, x.pointer, weight.value, bias.value, y.pointer)
  let saved = x.detached
  return y.recorded(from: [x], training: [weight, bias]) { dy in
    let dx = Tensor(s)
    // Frozen parameters need no gradient, but the kernel adds one: give it somewhere to write.
    let spare = weight.isTrained ? nil : Storage(count: 10 * s.c)
    spare?.pointer.update(repeating: 0, count: 10 * s.c)
    kernels.depthwise_gate_grad(
      s.n, s.h, s.w, s.c / 2, saved.pointer, weight.value, bias.value, dy.pointer, dx.pointer,
      spare?.pointer ?? weight.gradient, spare.map { $0.pointer + 9 * s.c } ?? bias.gradient)
    return [dx]
  }
}
