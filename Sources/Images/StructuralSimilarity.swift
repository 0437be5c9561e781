import Basics
import CPixels

/// The sum behind `Quality.ssim`: local means and moments by a separable Gaussian window.
///
/// The window runs down the columns first, then along the rows, in 64-bit floats; a kernel does a row
/// of places at a time, with the same bits in every instruction set.
enum StructuralSimilarity {
  static let side = 11
  /// Half of the normalised window: taps 0...5 of 11, the rest mirrored.
  private static let taps: [Double] = {
    let all = (-5...5).map { ExactMath.exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = all.reduce(0, +)
    return all.prefix(6).map { $0 / sum }
  }()

  /// Returns the mean over channels of the mean similarity; values are 0...255, channels together.
  static func mean(
    _ a: [Double], _ b: [Double], width: Int, height: Int, channels: Int,
    kernels: dp_kernels = dp_kernels_used().pointee
  ) -> Double {
    guard width >= side && height >= side else { return .nan }
    let row = width * channels
    var local = [Double](repeating: 0, count: (width - side + 1) * channels)
    var scratch = [Double](repeating: 0, count: 4 * row)
    var sums = [Double](repeating: 0, count: channels)
    for y in 0...height - side {
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          kernels.similarity(
            &local, &scratch, a.baseAddress.map { $0 + y * row },
            b.baseAddress.map { $0 + y * row },
            row, channels, taps)
        }
      }
      local.withUnsafeBufferPointer { add($0, to: &sums) }
    }
    let places = Double((width - side + 1) * (height - side + 1))
    return sums.reduce(0) { $0 + $1 / places } / Double(channels)
  }

  /// Adds the values of each channel to its sum.
  private static func add(_ local: UnsafeBufferPointer<Double>, to sums: inout [Double]) {
    guard sums.count == 3 else {
      for i in local.indices { sums[i % sums.count] += local[i] }
      return
    }
    // Three sums side by side wait a third as long for each other.
    var (red, green, blue) = (sums[0], sums[1], sums[2])
    for i in stride(from: 0, to: local.count, by: 3) {
      red += local[i]
      green += local[i + 1]
      blue += local[i + 2]
    }
    sums = [red, green, blue]
  }
}
