import Images

/// Takes the steps out of slopes that 8-bit codes made into stairs.
///
/// One code of depth moves haze by up to two codes of the picture, which shows as bands on what is
/// flat and near. Along rows, then along columns, a value becomes the mean of a window that grows
/// evenly to both sides while nothing in it is more than one code away: a slope becomes straight, and
/// an edge of two codes or more stays where and as it is.
enum BandSmoothing {
  /// The window's largest radius in pixels for a short side of 256.
  private static let radius = 16.0
  /// The largest radius of all, for the time it takes: wider bands keep a slope at their borders.
  private static let largestRadius = 48

  /// Smooths a one-channel map of raw codes; NaN stays and ends windows.
  static func smooth(_ map: inout Image) {
    let (width, height) = (map.width, map.height)
    let scale = Double(min(width, height)) / 256
    let radius = min(max(2, Int((BandSmoothing.radius * scale).rounded())), largestRadius)
    map.pixels.withUnsafeMutableBufferPointer { values in
      for y in 0..<height { smooth(values, from: y * width, step: 1, count: width, radius) }
      for x in 0..<width { smooth(values, from: x, step: width, count: height, radius) }
    }
  }

  private static func smooth(
    _ values: UnsafeMutableBufferPointer<Float>, from start: Int, step: Int, count: Int,
    _ radius: Int
  ) {
    let line = (0..<count).map { values[start + $0 * step] }
    line.withUnsafeBufferPointer { line in
      for i in 0..<count {
        let centre = line[i]
        var sum = centre
        var reach = 0
        while reach < radius, i > reach, i + reach + 1 < count {
          let (left, right) = (line[i - reach - 1], line[i + reach + 1])
          // Comparisons with NaN are false, so that the unknown ends the window.
          guard abs(left - centre) <= 1, abs(right - centre) <= 1 else { break }
          sum += left + right
          reach += 1
        }
        values[start + i * step] = sum / Float(2 * reach + 1)
      }
    }
  }
}
