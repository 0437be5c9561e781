import CPixels

extension PixelKernels {
  /// Makes the further planes of a row from its first: plane j holds the sums of 2^j neighbours.
  ///
  /// - Parameters:
  ///   - length: Values in a plane.
  ///   - step: The distance of neighbours, that is the number of channels.
  static func runSums(
    _ planes: UnsafeMutablePointer<Float>, length: Int, step: Int, count: Int
  ) {
    dp_kernels_used().pointee.run_sums(planes, length, step, count)
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
