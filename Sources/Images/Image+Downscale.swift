import Basics
import CPixels

extension Image {
  /// Returns the picture made smaller by `k`: each new pixel is the mean of the k x k area it covers.
  ///
  /// `k` need not be whole; pixels at the rim of an area count by the part covered. The size is
  /// rounded down, so the last columns and rows of the picture may be left out. The mean is taken
  /// in the picture's own space: in linear light it is what a coarser sensor would have seen.
  ///
  /// - Precondition: `k` is at least 1 and no larger than either side.
  public func downscaled(by k: Double) -> Image {
    require(
      k >= 1 && k <= Double(min(width, height)), "downscaled: factor \(k) for \(width)x\(height)")
    guard k > 1 else { return self }
    let columns = areaTaps(along: width, factor: k)
    let rows = areaTaps(along: height, factor: k)
    let taps = columns.flatMap { $0 }
    let count = columns.count * channels
    let kernels = dp_kernels_used().pointee
    let (step, stride) = (channels, width * channels)
    var sums = [Double](repeating: 0, count: count)
    let values = [Float](unsafeUninitializedCapacity: count * rows.count) { out, filled in
      pixels.withUnsafeBufferPointer { source in
        for (y, row) in rows.enumerated() {
          for i in sums.indices { sums[i] = 0 }
          for tap in row {
            kernels.area_row(
              &sums, source.baseAddress.map { $0 + tap.from * stride }, step, taps, taps.count,
              tap.weight)
          }
          for i in sums.indices { out[y * count + i] = Float(sums[i]) }
        }
      }
      filled = count * rows.count
    }
    return Image(
      width: columns.count, height: rows.count, channels: channels, space: space, pixels: values)
  }
}

/// The shares of the old places in each new place along an axis of `count` places.
private func areaTaps(along count: Int, factor: Double) -> [[dp_area_tap]] {
  // The small excess keeps a size that rounding would make one too small, as in 330 / (330 / 256).
  (0..<Int(Double(count) / factor + 1e-9)).map { to in
    let start = Double(to) * factor
    let end = start + factor
    let last = min(Int(end.rounded(.up)), count)
    return (Int(start)..<last).compactMap { from in
      let covered = min(end, Double(from + 1)) - max(start, Double(from))
      return covered > 0 ? dp_area_tap(to: to, from: from, weight: covered / factor) : nil
    }
  }
}
