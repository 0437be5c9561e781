import Basics
import CKernels

/// Multiplies every pixel's channels by a matrix: a 1x1 convolution, or a linear layer on [n, 1, 1, c].
///
/// y[p, o] = sum_i x[p, i] weight[i, o] + bias[o]
///
/// - Parameters:
///   - x: Features, `[n, h, w, in]`.
///   - weight: `[out, in, 1, 1]` or `[out, in]` in checkpoints.
///   - bias: `[out]`, or nil for none.
/// - Returns: `[n, h, w, out]`.
/// - Saves: `x` until the backward pass, unless its op computes it again.
public func pointwise(_ x: Tensor, _ weight: Parameter, _ bias: Parameter? = nil) -> Tensor {
  let (out, inner) = (weight.shape[0], weight.shape[1])
  require(
    x.shape.c == inner,
    "pointwise: x has \(x.shape.c) channels in \(x.shape), weight wants \(inner) in \(weight.shape)"
  )
  let y = Tensor(x.shape.channels(out))
  let pixels = x.shape.pixels
  kernels.gemm(
    0, 0, pixels, out, inner, x.pointer, inner, weight.value, out, bias?.value, 0, y.pointer, out)
  let saved = SavedTensor(x)
  let (shape, wantsGradient) = (x.shape, x.wantsGradient)
  return y.recorded(from: [x], training: [weight, bias]) { dy in
    pointwiseParameterGradients(saved, dy, weight, bias)
    guard wantsGradient else { return [nil] }
    let dx = Tensor(shape)
    kernels.gemm(
      0, 1, pixels, inner, out, dy.pointer, out, weight.value, out, nil, 0, dx.pointer, inner)
    return [dx]
  }
}

/// Adds x^T dy to the weight's gradient and the column sums of dy to the bias's.
func pointwiseParameterGradients(
  _ saved: SavedTensor, _ dy: Tensor, _ weight: Parameter, _ bias: Parameter?
) {
  let (out, pixels) = (dy.shape.c, dy.shape.pixels)
  if weight.isTrained {
    let x = saved.tensor
    let inner = x.shape.c
    kernels.gemm(
      1, 0, inner, out, pixels, x.pointer, inner, dy.pointer, out, nil, 1, weight.gradient, out)
  }
  if let bias, bias.isTrained { kernels.column_sum(pixels, out, dy.pointer, bias.gradient) }
}
