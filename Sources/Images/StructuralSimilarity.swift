import Basics

/// The sum behind `Quality.ssim`: local means and moments by a separable Gaussian window.
///
/// Cost: 4 windowed maps, 2 x 11 taps folded by symmetry to 2 x 6 products, in 64-bit floats; about
/// 15 ns a value. The order of operations is fixed, so the result is the same on every CPU.
enum StructuralSimilarity {
  static let side = 11
  /// Half of the normalised window: taps 0...5 of 11, the rest mirrored.
  private static let taps: [Double] = {
    let all = (-5...5).map { ExactMath.exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = all.reduce(0, +)
    return all.prefix(6).map { $0 / sum }
  }()

  /// Returns the mean over channels of the mean similarity; values are 0...255, channels together.
  static func mean(_ a: [Double], _ b: [Double], width: Int, height: Int, channels: Int) -> Double {
    guard width >= side && height >= side else { return .nan }
    // The similarity uses the two variances only as a sum: one map serves both.
    let squares = zip(a, b).map { $0 * $0 + $1 * $1 }
    let products = zip(a, b).map { $0 * $1 }
    let rowLength = width * channels
    let inside = (width - side + 1) * channels
    var tall = [[Double]](repeating: [Double](repeating: 0, count: rowLength), count: 4)
    var local = [[Double]](repeating: [Double](repeating: 0, count: inside), count: 4)
    var sums = [Double](repeating: 0, count: channels)
    for y in 0...height - side {
      for (m, map) in [a, b, squares, products].enumerated() {
        window(map[(y * rowLength)...], step: rowLength, into: &tall[m])
        window(tall[m][...], step: channels, into: &local[m])
      }
      add(local, to: &sums)
    }
    let places = Double((width - side + 1) * (height - side + 1))
    return sums.reduce(0) { $0 + $1 / places } / Double(channels)
  }

  /// Windowed sums along one axis: out[i] = sum over t of tap[t] in[i + t step].
  private static func window(_ values: ArraySlice<Double>, step: Int, into out: inout [Double]) {
    let (t0, t1, t2, t3, t4, t5) = (taps[0], taps[1], taps[2], taps[3], taps[4], taps[5])
    values.withUnsafeBufferPointer { v in
      out.withUnsafeMutableBufferPointer { out in
        for i in out.indices {
          let outer = t0 * (v[i] + v[i + 10 * step]) + t1 * (v[i + step] + v[i + 9 * step])
          let middle =
            t2 * (v[i + 2 * step] + v[i + 8 * step]) + t3 * (v[i + 3 * step] + v[i + 7 * step])
          let inner = t4 * (v[i + 4 * step] + v[i + 6 * step]) + t5 * v[i + 5 * step]
          out[i] = outer + middle + inner
        }
      }
    }
  }

  /// Adds the similarity at each place of a row to its channel's sum.
  private static func add(_ local: [[Double]], to sums: inout [Double]) {
    let c1 = 2.55 * 2.55
    let c2 = 7.65 * 7.65
    let channels = sums.count
    for i in local[0].indices {
      let (ma, mb) = (local[0][i], local[1][i])
      let both = ma * ma + mb * mb
      let product = ma * mb
      let variances = local[2][i] - both
      let covariance = local[3][i] - product
      sums[i % channels] +=
        (2 * product + c1) * (2 * covariance + c2) / ((both + c1) * (variances + c2))
    }
  }
}
