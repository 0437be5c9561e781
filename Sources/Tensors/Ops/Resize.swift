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
