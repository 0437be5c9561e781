import Basics
import CKernels

/// Puts the channels of two maps behind each other.
///
/// - Parameters:
///   - a: `[n, h, w, c]`.
///   - b: `[n, h, w, d]`.
/// - Returns: `[n, h, w, c + d]`, first those of `a`.
public func concatenated(_ a: Tensor, _ b: Tensor) -> Tensor {
  let (s, t) = (a.shape, b.shape)
  require(
    s.channels(1) == t.channels(1), "concatenated: \(s) and \(t) differ in more than channels")
  let wide = s.c + t.c
  let y = Tensor(s.channels(wide))
  kernels.copy_channels(s.pixels, s.c, a.pointer, s.c, y.pointer, wide)
  kernels.copy_channels(s.pixels, t.c, b.pointer, t.c, y.pointer + s.c, wide)
  return y.recorded(from: [a, b]) { dy in
    let (da, db) = (Tensor(s), Tensor(t))
    kernels.copy_channels(s.pixels, s.c, dy.pointer, wide, da.pointer, s.c)
    kernels.copy_channels(s.pixels, t.c, dy.pointer + s.c, wide, db.pointer, t.c)
    return [da, db]
  }
}
