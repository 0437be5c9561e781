import Basics
import CKernels

/// Multiplies every pixel's channels by a matrix: a 1x1 convolution, or a linear layer on [n, 1, 1, c].
///
/// y[p, o] = sum_i x[p, i] weight[i, o] + bias[o] + addend[p, o]
///
/// - Parameters:
///   - x: Features, `[n, h, w, in]`.
///   - weight: `[out, in, 1, 1]` or `[out, in]` in checkpoints.
///   - bias: `[out]`, or nil for none.
///   - addend: `[n, h, w, out]`, such as the input of a residual branch; nil for none.
/// - Returns: `[n, h, w, out]`.
/// - Saves: `x` until the backward pass, unless its op computes it again.
public func pointwise(
  _ x: Tensor, _ weight: Parameter, _ bias: Parameter? = nil, adding addend: Tensor? = nil
) -> Tensor {
  let (out, inner) = (weight.shape[0], weight.shape[1])
  require(
    x.shape.c == inner,
    "pointwise: x has \(x.shape.c) channels in \(x.shape), weight wants \(inner) in \(weight.shape)"
  )
  let y = Tensor(x.shape.channels(out))
  require(
    addend == nil || addend?.shape == y.shape,
    "pointwise: adds \(addend?.shape ?? y.shape) to \(y.shape)")
  let pixels = x.shape.pixels
  kernels.gemm(
    0, 0, pixels, out, inner, x.pointer, inner, weight.value, out, bias?.value,
    addend?.pointer, y.pointer, out)
  let saved = SavedTensor(x)
  let wantsGradient = x.wantsGradient
  let adds = addend != nil
  return y.recorded(from: [x] + (addend.map { [$0] } ?? []), training: [weight, bias]) { dy in
    let dx = pointwiseGradients(saved, dy, weight, bias, wantsInput: wantsGradient)
    return adds ? [dx, dy] : [dx]
  }
}

/// Adds x^T dy to the weight's gradient and the column sums of dy to the bias's.
///
/// - Returns: dy weight^T, the gradient of x, where it is wanted.
func pointwiseGradients(
  _ saved: SavedTensor, _ dy: Tensor, _ weight: Parameter, _ bias: Parameter?,
  wantsInput: Bool = true
) -> Tensor? {
  let (s, out) = (dy.shape, dy.shape.c)
  let inner = weight.count / out
  let dbias = bias.flatMap { $0.isTrained ? $0.gradient : nil }
  if weight.isTrained {
    let x = saved.tensor
    // What was computed again for this product alone gives its place to its gradient.
    let dx = wantsInput ? (saved.isRemade ? x : Tensor(x.shape)) : nil
    let dw = weight.gradientToReplace
    kernels.pointwise_grad(
      s.pixels, inner, out, x.pointer, weight.value, dy.pointer, dx?.pointer,
      dw.isStale ? 1 : 0, dw.pointer, dbias)
    return dx
  }
  let dx = wantsInput ? Tensor(s.channels(inner)) : nil
  if let dx {
    kernels.gemm(
      0, 1, s.pixels, inner, out, dy.pointer, out, weight.value, out, nil, nil, dx.pointer, inner)
  }
  if let dbias { kernels.column_sum(s.pixels, out, dy.pointer, dbias) }
  return dx
}
