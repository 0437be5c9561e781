import Basics

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
    let flatColumns = columns.flatMap { $0 }
    var result = Image(width: columns.count, height: rows.count, channels: channels, space: space)
    var sums = [Double](repeating: 0, count: columns.count * channels)
    for (y, row) in rows.enumerated() {
      for i in sums.indices { sums[i] = 0 }
      for tap in row { addRow(tap, flatColumns, to: &sums) }
      for i in sums.indices { result.pixels[y * sums.count + i] = Float(sums[i]) }
    }
    return result
  }

  /// Adds one old row, shrunk to the new width and weighted, to the sums of a new row.
  private func addRow(_ row: AreaTap, _ columns: [AreaTap], to sums: inout [Double]) {
    let start = row.from * width * channels
    pixels.withUnsafeBufferPointer { source in
      sums.withUnsafeMutableBufferPointer { sums in
        for column in columns {
          let weight = row.weight * column.weight
          let from = start + column.from * channels
          let to = column.to * channels
          for c in 0..<channels { sums[to + c] += weight * Double(source[from + c]) }
        }
      }
    }
  }
}

/// One old place's share in a new place, along one axis.
private struct AreaTap {
  let to: Int
  let from: Int
  let weight: Double
}

/// The shares of the old places in each new place along an axis of `count` places.
private func areaTaps(along count: Int, factor: Double) -> [[AreaTap]] {
  // The small excess keeps a size that rounding would make one too small, as in 330 / (330 / 256).
  (0..<Int(Double(count) / factor + 1e-9)).map { to in
    let start = Double(to) * factor
    let end = start + factor
    let last = min(Int(end.rounded(.up)), count)
    return (Int(start)..<last).compactMap { from in
      let covered = min(end, Double(from + 1)) - max(start, Double(from))
      return covered > 0 ? AreaTap(to: to, from: from, weight: covered / factor) : nil
    }
  }
}
