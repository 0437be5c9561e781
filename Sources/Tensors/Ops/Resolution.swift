import Basics
import CKernels

/// Halves both sides with a 2x2 convolution of stride 2.
///
/// - Parameters:
///   - x: Features, `[n, h, w, in]`, h and w even.
///   - weight: `[out, in, 2, 2]` in checkpoints.
///   - bias: `[out]`.
/// - Returns: `[n, h/2, w/2, out]`.
/// - Saves: `x`, four pixels to one, until the backward pass.
public func downsample2x2(_ x: Tensor, _ weight: Parameter, _ bias: Parameter? = nil) -> Tensor {
  let s = x.shape
  let out = weight.shape[0]
  require(
    weight.shape[1] == s.c,
    "downsample2x2: x has \(s.c) channels in \(s), weight is \(weight.shape)")
  let patches = spaceToDepth(x.detached)
  let (pixels, inner) = (patches.shape.pixels, 4 * s.c)
  let y = Tensor(patches.shape.channels(out))
  kernels.gemm(
    0, 0, pixels, out, inner, patches.pointer, inner, weight.value, out, bias?.value, nil,
    y.pointer,
    out)
  return y.recorded(from: [x], training: [weight, bias]) { dy in
    let gradient = pointwiseGradients(SavedTensor(patches), dy, weight, bias)
    return [gradient.map(depthToSpace)]
  }
}

/// Doubles both sides: a 1x1 convolution without bias, then a pixel shuffle by 2, then adds `skip`.
///
/// - Parameters:
///   - x: Features, `[n, h, w, in]`.
///   - weight: `[4 out, in, 1, 1]` in checkpoints, made with `Scope.shuffledWeight`.
///   - skip: What is added, `[n, 2h, 2w, out]`.
/// - Returns: `[n, 2h, 2w, out]`.
/// - Saves: `x` until the backward pass.
public func upsampleShuffle(_ x: Tensor, _ weight: Parameter, adding skip: Tensor) -> Tensor {
  let s = x.shape
  let wide = weight.shape[0]
  require(
    weight.shape[1] == s.c,
    "upsampleShuffle: x has \(s.c) channels in \(s), weight is \(weight.shape)")
  require(
    skip.shape == Shape(s.n, 2 * s.h, 2 * s.w, wide / 4),
    "upsampleShuffle: skip is \(skip.shape), x is \(s)")
  let deep = Tensor(s.channels(wide))
  kernels.gemm(
    0, 0, s.pixels, wide, s.c, x.pointer, s.c, weight.value, wide, nil, nil, deep.pointer, wide)
  let y = Tensor(skip.shape)
  kernels.depth_to_space(s.n, s.h, s.w, wide / 4, deep.pointer, skip.pointer, y.pointer)
  let saved = SavedTensor(x)
  return y.recorded(from: [x, skip], training: [weight]) { dy in
    [pointwiseGradients(saved, spaceToDepth(dy), weight, nil), dy]
  }
}

/// Puts every 2x2 square of pixels into one: channel (2 dy + dx) c_total + c of pixel (y, x) is channel c of (2y+dy, 2x+dx).
///
/// - Parameter x: `[n, h, w, c]`, h and w even.
/// - Returns: `[n, h/2, w/2, 4c]`.
public func spaceToDepth(_ x: Tensor) -> Tensor {
  let s = x.shape
  require(s.h % 2 == 0 && s.w % 2 == 0, "spaceToDepth: sides of \(s) must be even")
  let y = Tensor(Shape(s.n, s.h / 2, s.w / 2, 4 * s.c))
  kernels.space_to_depth(s.n, s.h, s.w, s.c, x.pointer, y.pointer)
  return y.recorded(from: [x]) { [depthToSpace($0)] }
}

/// Undoes `spaceToDepth`.
///
/// - Parameter x: `[n, h, w, 4c]`.
/// - Returns: `[n, 2h, 2w, c]`.
public func depthToSpace(_ x: Tensor) -> Tensor {
  let s = x.shape
  require(s.c % 4 == 0, "depthToSpace: \(s.c) channels in \(s) are not a multiple of 4")
  let y = Tensor(Shape(s.n, 2 * s.h, 2 * s.w, s.c / 4))
  kernels.depth_to_space(s.n, s.h, s.w, s.c / 4, x.pointer, nil, y.pointer)
  return y.recorded(from: [x]) { [spaceToDepth($0)] }
}

/// Puts every 2x2 square of pixels into one: channel 4c + 2 dy + dx of pixel (y, x) is channel c of (2y+dy, 2x+dx).
///
/// PyTorch's `pixel_unshuffle(x, 2)`.
///
/// - Parameter x: `[n, h, w, c]`, h and w even.
/// - Returns: `[n, h/2, w/2, 4c]`.
public func pixelUnshuffled(_ x: Tensor) -> Tensor {
  let s = x.shape
  require(s.h % 2 == 0 && s.w % 2 == 0, "pixelUnshuffled: sides of \(s) must be even")
  let y = Tensor(Shape(s.n, s.h / 2, s.w / 2, 4 * s.c))
  kernels.pixel_unshuffle(s.n, s.h, s.w, s.c, x.pointer, y.pointer)
  return y.recorded(from: [x]) { [pixelShuffled($0)] }
}

/// Undoes `pixelUnshuffled`: PyTorch's `pixel_shuffle(x, 2)`.
///
/// Layers that shuffle may make their weights with `Scope.shuffledWeight` and use `depthToSpace` instead,
/// which moves whole pixels.
///
/// - Parameter x: `[n, h, w, 4c]`.
/// - Returns: `[n, 2h, 2w, c]`.
public func pixelShuffled(_ x: Tensor) -> Tensor {
  let s = x.shape
  require(s.c % 4 == 0, "pixelShuffled: \(s.c) channels in \(s) are not a multiple of 4")
  let y = Tensor(Shape(s.n, 2 * s.h, 2 * s.w, s.c / 4))
  kernels.pixel_shuffle(s.n, s.h, s.w, s.c / 4, x.pointer, y.pointer)
  return y.recorded(from: [x]) { [pixelUnshuffled($0)] }
}

/// Takes the largest of every 2x2 square; an odd last row or column is dropped.
///
/// - Parameter x: `[n, h, w, c]`, h and w at least 2.
/// - Returns: `[n, h/2, w/2, c]`.
/// - Saves: One byte a result.
public func maxPool2(_ x: Tensor) -> Tensor {
  let s = x.shape
  require(s.h > 1 && s.w > 1, "maxPool2: \(s) has a side below 2")
  let y = Tensor(Shape(s.n, s.h / 2, s.w / 2, s.c))
  let which = Storage(count: (y.shape.count + 3) / 4)
  func places() -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(which.pointer).assumingMemoryBound(to: UInt8.self)
  }
  kernels.max_pool2(s.n, s.h, s.w, s.c, x.pointer, y.pointer, places())
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s)
    kernels.max_pool2_grad(s.n, s.h, s.w, s.c, dy.pointer, places(), dx.pointer)
    return [dx]
  }
}
