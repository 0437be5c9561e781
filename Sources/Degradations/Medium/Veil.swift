import Basics
import Images

/// Light scattered into the line of sight: what haze does, and rain between its streaks.
///
/// I = J t + A (1 - t), t = exp(-beta d) (Koschmieder). Heterogeneous veils have
/// beta(x) = beta (1 + a f(x)) with a smooth fractal field f.
struct Veil {
  /// Extinction for the depth 1.
  let beta: Double
  /// The light of the veil as sRGB values, red, green and blue, in both spaces.
  let airlight: [Double]
  /// The amplitude a of the fractal field; 0 for an even medium.
  let heterogeneity: Double
  /// The number of the fractal field.
  let pattern: Int

  /// The transmission of every pixel.
  func transmission(_ scene: Scene) -> [Float] {
    PixelKernels.decay(Veil.optical(scene, heterogeneity, pattern), rate: beta)
  }

  /// Adds the veil to a picture in either space.
  func apply(to image: inout Image, _ scene: Scene) {
    PixelKernels.blend(
      &image.pixels, keeping: transmission(scene), colour: Veil.light(airlight, in: image.space))
  }

  /// Values given on sRGB codes, in the space wanted.
  static func light(_ codes: [Double], in space: Image.Space) -> [Float] {
    var values = codes.map { Float($0) }
    if space == .linear { PixelKernels.convert(&values, to: .linear) }
    return values
  }

  /// The depth times the local density of the medium.
  static func optical(_ scene: Scene, _ heterogeneity: Double, _ pattern: Int) -> [Float] {
    if heterogeneity == 0 { return scene.depth }
    let field = FractalField(
      width: scene.width, height: scene.height, cells: 2, octaves: 4, hurst: 0.8,
      random: RandomStream(seed: UInt64(pattern)))
    let amplitude = Float(heterogeneity)
    return zip(scene.depth, field.values).map { $0 * max(1 + amplitude * $1, 0.1) }
  }

  /// Returns the extinction at which the mean transmission is `target`.
  ///
  /// Newton's method from 0, where the mean is 1, on the histogram: the mean is a convex falling
  /// function, so the steps never overshoot. At most 20, where only what is nearest is still seen.
  static func beta(forMean target: Double, optical: [Float]) -> Double {
    let bins = Histogram(optical)
    var beta = 0.0
    for _ in 0..<40 {
      var (mean, slope) = (0.0, 0.0)
      for (share, depth) in bins.bins {
        let part = share * ExactMath.exp(-beta * depth)
        mean += part
        slope += part * depth
      }
      if mean - target < 1e-7 || slope < 1e-9 { break }
      beta = min(beta + (mean - target) / slope, 20)
      if beta == 20 { break }
    }
    return beta
  }
}

/// The distribution of a map's values: shares and mean values of up to 256 bins.
private struct Histogram {
  let bins: [(share: Double, mean: Double)]

  init(_ values: [Float]) {
    let highest = max(values.reduce(0, max), 1e-6)
    var counts = [Int](repeating: 0, count: 256)
    var sums = [Double](repeating: 0, count: 256)
    let scale = 255 / highest
    counts.withUnsafeMutableBufferPointer { counts in
      sums.withUnsafeMutableBufferPointer { sums in
        for value in values {
          let bin = Int(max(value * scale, 0)) & 255
          counts[bin] += 1
          sums[bin] += Double(value)
        }
      }
    }
    bins = zip(counts, sums).filter { $0.0 > 0 }.map {
      (Double($0.0) / Double(values.count), $0.1 / Double($0.0))
    }
  }
}
