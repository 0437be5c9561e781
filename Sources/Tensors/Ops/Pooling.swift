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
  let (rows, columns) = (min(window.rows, s.h), min(window.columns, s.w))
  require(rows > 0 && columns > 0, "localMean: window \(window)")
  let y = Tensor(s)
  kernels.local_mean(s.n, s.h, s.w, s.c, rows, columns, x.pointer, y.pointer)
  return y.recorded(from: [x]) { dy in
    let dx = Tensor(s)
    kernels.local_mean_grad(s.n, s.h, s.w, s.c, rows, columns, dy.pointer, dx.pointer)
    return [dx]
  }
}
