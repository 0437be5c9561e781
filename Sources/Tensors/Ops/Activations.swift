import Basics
import CKernels

/// x times the normal distribution's probability below x: GELU in the erf form, which all four networks mean.
///
/// - Saves: `x` until the backward pass.
/// - Source: Hendrycks and Gimpel 2016, arXiv 1606.08415.
public func gelu(_ x: Tensor) -> Tensor {
  let y = Tensor(x.shape)
  kernels.gelu(x.shape.count, x.pointer, y.pointer)
  let saved = x.detached
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(dy.shape)
    kernels.gelu_grad(dy.shape.count, saved.pointer, dy.pointer, dx.pointer)
    return [dx]
  }
}

/// Multiplies negative values by `slope`.
///
/// - Saves: `x` until the backward pass.
public func leakyReLU(_ x: Tensor, slope: Float = 0.2) -> Tensor {
  let y = Tensor(x.shape)
  kernels.leaky_relu(x.shape.count, slope, x.pointer, y.pointer)
  let saved = x.detached
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(dy.shape)
    kernels.leaky_relu_grad(dy.shape.count, slope, saved.pointer, dy.pointer, dx.pointer)
    return [dx]
  }
}

/// The softmax over the channels of each pixel.
///
/// - Parameter x: `[n, h, w, c]`.
/// - Returns: `[n, h, w, c]`, positive, sum 1 over c.
/// - Saves: The result until the backward pass.
public func softmax(_ x: Tensor) -> Tensor {
  let s = x.shape
  let y = Tensor(s)
  kernels.softmax(s.pixels, s.c, x.pointer, y.pointer)
  let saved = y.detached
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s)
    kernels.softmax_grad(s.pixels, s.c, saved.pointer, dy.pointer, dx.pointer)
    return [dx]
  }
}
