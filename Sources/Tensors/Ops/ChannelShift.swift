import Basics
import CKernels

/// Adds a constant to every channel, or takes it away.
///
/// y[p, c] = x[p, c] + factor values[c]
///
/// - Parameters:
///   - x: `[n, h, w, c]`.
///   - values: One number a channel, such as the mean colour of a training set.
///   - factor: 1, or -1 to subtract.
/// - Returns: `[n, h, w, c]`.
public func shifted(_ x: Tensor, by values: [Float], times factor: Float = 1) -> Tensor {
  let s = x.shape
  require(values.count == s.c, "shifted: \(values.count) values for \(s.c) channels in \(s)")
  let y = Tensor(s)
  kernels.shift_channels(s.pixels, s.c, x.pointer, factor, values, y.pointer)
  return y.recorded(from: [x]) { [$0] }
}
