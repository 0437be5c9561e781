import Basics
import CKernels

/// Resizes maps by bilinear interpolation between pixel centres, without antialiasing.
///
/// Source place of row i: (i + 0.5) h/height - 0.5, at least 0; its lower neighbour at most the last row.
/// As `F.interpolate(mode="bilinear", align_corners=False)` in PyTorch.
///
/// - Parameters:
///   - x: `[n, h, w, c]`.
///   - height: Rows of the result.
///   - width: Columns of the result.
/// - Returns: `[n, height, width, c]`.
public func bilinearResized(_ x: Tensor, height: Int, width: Int) -> Tensor {
  let s = x.shape
  let y = Tensor(Shape(s.n, height, width, s.c))
  kernels.bilinear(s.n, s.h, s.w, s.c, height, width, x.pointer, y.pointer)
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s, repeating: 0)
    kernels.bilinear_grad(s.n, s.h, s.w, s.c, height, width, dy.pointer, dx.pointer)
    return [dx]
  }
}

/// Takes channels by number.
///
/// - Parameters:
///   - x: `[n, h, w, c]`.
///   - order: Source channel of each channel of the result; each at most once.
public func gatheredChannels(_ x: Tensor, _ order: [Int]) -> Tensor {
  let s = x.shape
  require(
    order.allSatisfy { (0..<s.c).contains($0) }, "gatheredChannels: a channel lies outside \(s)")
  let y = Tensor(s.channels(order.count))
  kernels.gather_channels(s.pixels, s.c, order, order.count, x.pointer, y.pointer)
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s)
    kernels.gather_channels_grad(s.pixels, s.c, order, order.count, dy.pointer, dx.pointer)
    return [dx]
  }
}

/// Spreads channels over space: input channel 4c + 2dy + dx goes to channel c of pixel (2y+dy, 2x+dx).
///
/// PyTorch's `pixel_shuffle(x, 2)`. Layers that shuffle make their weights with `Scope.shuffledWeight`
/// and need no such permutation.
public func pixelShuffled(_ x: Tensor) -> Tensor {
  let quarter = x.shape.c / 4
  return depthToSpace(
    gatheredChannels(x, (0..<4 * quarter).map { $0 % quarter * 4 + $0 / quarter }))
}

/// Undoes `pixelShuffled`.
public func pixelUnshuffled(_ x: Tensor) -> Tensor {
  let c = x.shape.c
  return gatheredChannels(spaceToDepth(x), (0..<4 * c).map { $0 % 4 * c + $0 / 4 })
}
