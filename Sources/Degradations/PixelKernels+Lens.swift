import CPixels

extension PixelKernels {
  /// A range widened to hold every value.
  static func bounds(_ x: [Float], within range: ClosedRange<Float>) -> (low: Float, high: Float) {
    var (low, high) = (range.lowerBound, range.upperBound)
    used.bounds(&low, &high, x, x.count)
    return (low, high)
  }

  /// Finds the least of `lows` and the greatest of `highs` over places `step` apart from each one on.
  static func extremes(
    _ low: UnsafeMutablePointer<Float>, _ high: UnsafeMutablePointer<Float>,
    of lows: UnsafePointer<Float>, and highs: UnsafePointer<Float>, count: Int, step: Int,
    places: Int
  ) {
    dp_kernels_used().pointee.extremes(low, high, lows, highs, count, step, places)
  }
}
