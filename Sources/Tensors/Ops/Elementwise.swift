import Basics
import CKernels

/// Multiplies the first half of the channels by the second half.
///
/// y[n, i, j, c] = x[n, i, j, c] * x[n, i, j, c + C/2]
///
/// - Parameter x: Features, `[n, h, w, C]`, C even.
/// - Returns: `[n, h, w, C/2]`.
/// - Saves: `x` until the backward pass.
/// - Source: Chen et al. 2022, arXiv 2204.04676, figure 4c.
public func simpleGate(_ x: Tensor) -> Tensor {
  let s = x.shape
  require(s.c % 2 == 0, "simpleGate: \(s.c) channels in \(s) are odd")
  let y = Tensor(s.channels(s.c / 2))
  kernels.gate(s.pixels, s.c / 2, x.pointer, y.pointer)
  let saved = x.detached
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s)
    kernels.gate_grad(s.pixels, s.c / 2, saved.pointer, dy.pointer, dx.pointer)
    return [dx]
  }
}

/// Adds two tensors of one shape.
public func + (a: Tensor, b: Tensor) -> Tensor {
  require(a.shape == b.shape, "+: \(a.shape) and \(b.shape) differ")
  let y = Tensor(a.shape)
  kernels.add(a.shape.count, a.pointer, b.pointer, y.pointer)
  return y.recorded(from: [a, b]) { [$0, $0] }
}

/// Multiplies two tensors of one shape, element by element.
///
/// - Saves: Both until the backward pass.
public func * (a: Tensor, b: Tensor) -> Tensor {
  require(a.shape == b.shape, "*: \(a.shape) and \(b.shape) differ")
  let y = Tensor(a.shape)
  kernels.multiply(a.shape.count, a.pointer, b.pointer, y.pointer)
  let (x, z) = (a.detached, b.detached)
  return y.recorded(from: [a, b]) { dy in
    let (da, db) = (Tensor(x.shape), Tensor(x.shape))
    kernels.multiply(x.shape.count, dy.pointer, z.pointer, da.pointer)
    kernels.multiply(x.shape.count, dy.pointer, x.pointer, db.pointer)
    return [da, db]
  }
}

/// Multiplies by a number.
public func * (a: Tensor, k: Float) -> Tensor {
  let y = Tensor(a.shape)
  kernels.scale(a.shape.count, k, a.pointer, y.pointer)
  return y.recorded(from: [a]) { dy in
    let da = Tensor(dy.shape)
    kernels.scale(dy.shape.count, k, dy.pointer, da.pointer)
    return [da]
  }
}

/// Cuts negative values at 0.
///
/// - Saves: The result until the backward pass.
public func relu(_ x: Tensor) -> Tensor {
  let y = Tensor(x.shape)
  kernels.relu(x.shape.count, x.pointer, y.pointer)
  let saved = y.detached
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(dy.shape)
    kernels.relu_grad(dy.shape.count, saved.pointer, dy.pointer, dx.pointer)
    return [dx]
  }
}

/// Adds z, scaled by channel, to x: the end of each half of a NAFBlock.
///
/// y[p, c] = x[p, c] + z[p, c] scale[c]
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - z: Of the same shape.
///   - scale: `beta` or `gamma`, `[1, c, 1, 1]` in checkpoints.
/// - Saves: `z` until the backward pass.
public func scaledResidual(_ x: Tensor, _ z: Tensor, _ scale: Parameter) -> Tensor {
  let s = x.shape
  require(
    z.shape == s && scale.count == s.c,
    "scaledResidual: x is \(s), z \(z.shape), scale \(scale.shape)")
  let y = Tensor(s)
  kernels.scaled_residual(s.pixels, s.c, x.pointer, z.pointer, scale.value, y.pointer)
  let saved = z.detached
  return y.recorded(from: [x, z], training: [scale]) { dy in
    let dz = Tensor(s)
    let spare = scale.isTrained ? nil : Storage(count: s.c)
    spare?.pointer.update(repeating: 0, count: s.c)
    kernels.scaled_residual_grad(
      s.pixels, s.c, saved.pointer, scale.value, dy.pointer, dz.pointer,
      spare?.pointer ?? scale.gradient)
    return [dy, dz]
  }
}
