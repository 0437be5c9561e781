import Basics
import CKernels

/// The mean of each channel over each map.
///
/// - Parameter x: Features, `[n, h, w, c]`.
/// - Returns: `[n, 1, 1, c]`.
public func spatialMean(_ x: Tensor) -> Tensor {
  let s = x.shape
  let y = Tensor(Shape(s.n, 1, 1, s.c))
  kernels.image_mean(s.n, s.area, s.c, x.pointer, y.pointer)
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s)
    kernels.image_spread(s.n, s.area, s.c, dy.pointer, 1 / Float(s.area), dx.pointer)
    return [dx]
  }
}

/// Multiplies every map by a vector of its own, channel by channel.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - vector: `[n, 1, 1, c]`.
/// - Returns: `[n, h, w, c]`.
/// - Saves: Both until the backward pass.
public func scaleChannels(_ x: Tensor, by vector: Tensor) -> Tensor {
  let s = x.shape
  require(vector.shape == Shape(s.n, 1, 1, s.c), "scaleChannels: x is \(s), vector \(vector.shape)")
  let y = Tensor(s)
  kernels.scale_channels(s.n, s.area, s.c, x.pointer, vector.pointer, y.pointer)
  let (saved, factors) = (x.detached, vector.detached)
  return y.recorded(from: [x, vector]) { dy in
    let (dx, dvector) = (Tensor(s), Tensor(factors.shape))
    kernels.scale_channels_grad(
      s.n, s.area, s.c, saved.pointer, factors.pointer, dy.pointer, dx.pointer, dvector.pointer)
    return [dx, dvector]
  }
}

/// The mean of each channel over a window around each pixel: test-time local pooling (TLC).
///
/// Means of all windows that lie fully inside, at stride 1, repeated outwards to the map's size: the
/// missing rows and columns are split floor before, ceil after. A window side is limited to the map's.
///
/// - Parameters:
///   - x: Features, `[n, h, w, c]`.
///   - window: Rows and columns of the window.
/// - Returns: `[n, h, w, c]`.
/// - Source: Chu et al. 2022, arXiv 2112.04491; `AvgPool2d` in megvii-research/NAFNet.
public func localMean(_ x: Tensor, window: (rows: Int, columns: Int)) -> Tensor {
  let s = x.shape
  let rows = WindowRange(side: s.h, window: window.rows)
  let columns = WindowRange(side: s.w, window: window.columns)
  let y = boxFilter(
    x, rows.first, columns.first, scale: 1 / Float(rows.length * columns.length), rows.length,
    columns.length)
  return y.recorded(from: [x]) { dy in [localMeanGradient(dy, rows, columns)] }
}

/// Where the window of each place along one side begins.
private struct WindowRange {
  let length: Int
  let first: [Int]

  init(side: Int, window: Int) {
    length = min(side, window)
    let missing = length - 1
    let last = side - length
    first = (0..<side).map { min(max($0 - missing / 2, 0), last) }
  }
}

/// Sums rows first[i] ..< first[i] + length of every column, and the same along rows.
private func boxFilter(
  _ x: Tensor, _ rowStarts: [Int], _ columnStarts: [Int], scale: Float, _ rowCount: Int,
  _ columnCount: Int
) -> Tensor {
  let s = x.shape
  let y = Tensor(s)
  let line = s.w * s.c
  var sums = [Double](repeating: 0, count: line)
  for n in 0..<s.n {
    let source = x.pointer + n * s.h * line
    let target = y.pointer + n * s.h * line
    var have = 0..<0
    for i in 0..<s.h {
      slide(&sums, source, line, from: have, to: rowStarts[i]..<rowStarts[i] + rowCount)
      have = rowStarts[i]..<rowStarts[i] + rowCount
      slideAlong(sums, s, columnStarts, columnCount, scale, target + i * line)
    }
    sums = [Double](repeating: 0, count: line)
  }
  return y
}

/// Moves a window of summed rows: adds the rows that come in, takes away those that leave.
private func slide(
  _ sums: inout [Double], _ x: UnsafePointer<Float>, _ line: Int, from old: Range<Int>,
  to new: Range<Int>
) {
  for r in new where !old.contains(r) { for k in 0..<line { sums[k] += Double(x[r * line + k]) } }
  for r in old where !new.contains(r) { for k in 0..<line { sums[k] -= Double(x[r * line + k]) } }
}

private func slideAlong(
  _ sums: [Double], _ s: Shape, _ starts: [Int], _ count: Int, _ scale: Float,
  _ out: UnsafeMutablePointer<Float>
) {
  for c in 0..<s.c {
    var sum = 0.0
    var end = 0
    var begin = 0
    for j in 0..<s.w {
      while end < starts[j] + count {
        sum += sums[end * s.c + c]
        end += 1
      }
      while begin < starts[j] {
        sum -= sums[begin * s.c + c]
        begin += 1
      }
      out[j * s.c + c] = Float(sum) * scale
    }
  }
}

/// Hands each gradient back to its window: differences at the window's corners, summed up twice.
private func localMeanGradient(_ dy: Tensor, _ rows: WindowRange, _ columns: WindowRange) -> Tensor
{
  let s = dy.shape
  let dx = Tensor(s)
  let scale = 1 / Double(rows.length * columns.length)
  let line = (s.w + 1) * s.c
  for n in 0..<s.n {
    var corners = [Double](repeating: 0, count: (s.h + 1) * line)
    for i in 0..<s.h {
      let (top, bottom) = (rows.first[i] * line, (rows.first[i] + rows.length) * line)
      for j in 0..<s.w {
        let (left, right) = (columns.first[j] * s.c, (columns.first[j] + columns.length) * s.c)
        for c in 0..<s.c {
          let g = Double(dy.pointer[((n * s.h + i) * s.w + j) * s.c + c])
          corners[top + left + c] += g
          corners[top + right + c] -= g
          corners[bottom + left + c] -= g
          corners[bottom + right + c] += g
        }
      }
    }
    for i in 0..<s.h {
      for k in 0..<line where i > 0 { corners[i * line + k] += corners[(i - 1) * line + k] }
      var run = [Double](repeating: 0, count: s.c)
      for j in 0..<s.w {
        for c in 0..<s.c {
          run[c] += corners[i * line + j * s.c + c]
          dx.pointer[((n * s.h + i) * s.w + j) * s.c + c] = Float(run[c] * scale)
        }
      }
    }
  }
  return dx
}
