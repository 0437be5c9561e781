import Basics
import CKernels

/// Takes rows and columns of each map by number: crops, pads, shifts, and thins out maps.
///
/// y[n, i, j, c] = x[n, rows[i], columns[j], c], and 0 where either number is negative.
///
/// - Parameters:
///   - x: `[n, h, w, c]`.
///   - rows: Source row of each row of the result; may repeat and leave out.
///   - columns: The same for columns.
/// - Returns: `[n, rows.count, columns.count, c]`.
public func gathered(_ x: Tensor, rows: [Int], columns: [Int]) -> Tensor {
  let s = x.shape
  require(
    rows.allSatisfy { $0 < s.h } && columns.allSatisfy { $0 < s.w },
    "gathered: a row or column lies outside \(s)")
  let y = Tensor(Shape(s.n, rows.count, columns.count, s.c))
  kernels.gather(s.n, s.h, s.w, s.c, rows, rows.count, columns, columns.count, x.pointer, y.pointer)
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s)
    kernels.gather_grad(
      s.n, s.h, s.w, s.c, rows, rows.count, columns, columns.count, dy.pointer, dx.pointer)
    return [dx]
  }
}

/// How a map goes on outside its border.
public enum Padding: Sendable {
  /// Zeros.
  case zero
  /// Mirrored about the edge sample, which is not repeated; a side of 1 is repeated.
  case reflect
  /// The edge sample.
  case replicate

  /// The source places for `before` places outside, the side, and `after` places outside.
  public func places(side: Int, before: Int = 0, after: Int = 0) -> [Int] {
    (-before..<side + after).map { i in
      switch self {
      case .zero: return i >= 0 && i < side ? i : -1
      case .replicate: return min(max(i, 0), side - 1)
      case .reflect:
        guard side > 1 else { return 0 }
        let period = 2 * (side - 1)
        let folded = ((i % period) + period) % period
        return folded < side ? folded : period - folded
      }
    }
  }
}

/// Adds rows below and columns to the right.
public func padded(_ x: Tensor, right: Int, bottom: Int, _ padding: Padding) -> Tensor {
  if right == 0 && bottom == 0 { return x }
  return gathered(
    x, rows: padding.places(side: x.shape.h, after: bottom),
    columns: padding.places(side: x.shape.w, after: right))
}

/// Keeps the first rows and columns.
public func cropped(_ x: Tensor, height: Int, width: Int) -> Tensor {
  if x.shape.h == height && x.shape.w == width { return x }
  return gathered(x, rows: Array(0..<height), columns: Array(0..<width))
}
