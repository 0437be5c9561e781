import Basics
import Images

/// Blur of a camera that rolls about a point of the picture, or zooms towards it.
///
/// A place moves the more the farther it is from the centre; the corner farthest from it moves by
/// `length`. Each pixel is the mean over its own path, sampled every pixel and bilinearly, with the
/// middle of the exposure at its place, so that the picture stays where it is.
struct RadialBlur {
  enum Kind: String, CaseIterable {
    case rotation
    case zoom
  }

  let kind: Kind
  /// What stays in place, as shares of width and height from the upper left corner.
  let centre: SIMD2<Double>
  /// Pixels.
  let length: Double

  /// Longer paths are sampled more coarsely.
  private static let mostSamples = 511

  /// Blurs a picture: 17 samples a pixel on the mean for 31 pixels about the middle.
  func blur(_ image: inout Image) {
    let (w, h) = (image.width, image.height)
    let middle = SIMD2(centre.x * Double(w), centre.y * Double(h)) - 0.5
    let corners = [(0, 0), (w - 1, 0), (0, h - 1), (w - 1, h - 1)]
    let reach = corners.reduce(0.0) { max($0, distance(SIMD2(Double($1.0), Double($1.1)), middle)) }
    if reach == 0 || length == 0 { return }
    let source = MirroredPicture(image, reach: Int(length) + 3)
    var paths = [[SIMD2<Float>]](repeating: [], count: RadialBlur.mostSamples / 2 + 1)
    image.pixels.withUnsafeMutableBufferPointer { out in
      for y in 0..<h {
        for x in 0..<w {
          let arm = SIMD2(Double(x), Double(y)) - middle
          let half = halfSamples(distance(arm, SIMD2(0, 0)) / reach)
          if half == 0 { continue }
          if paths[half].isEmpty { paths[half] = moves(2 * half + 1, reach: reach) }
          let mean = source.mean(paths[half], of: SIMD2(Float(arm.x), Float(arm.y)), x, y)
          let i = 3 * (y * w + x)
          (out[i], out[i + 1], out[i + 2]) = (mean.x, mean.y, mean.z)
        }
      }
    }
  }

  @inline(__always)
  private func distance(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double {
    ((a - b) * (a - b)).sum().squareRoot()
  }

  /// The number of samples before and after the place itself on its path.
  @inline(__always)
  private func halfSamples(_ share: Double) -> Int {
    // Three samples for short ways too: else a mild roll would leave the picture as it is.
    let way = length * share
    return min(max(Int(way * 0.5 + 0.5), way > 0.1 ? 1 : 0), RadialBlur.mostSamples / 2)
  }

  /// How far a place goes at each sample, over its arm, as complex numbers.
  private func moves(_ count: Int, reach: Double) -> [SIMD2<Float>] {
    let ratio = length / reach
    let growth = 2 * ExactMath.log((ratio + (ratio * ratio + 4).squareRoot()) / 2)
    return (0..<count).map { i in
      let time = (Double(i) + 0.5) / Double(count) - 0.5
      if kind == .zoom { return SIMD2(Float(ExactMath.exp(time * growth) - 1), 0) }
      let (s, c) = ExactMath.sincos(time * ratio)
      return SIMD2(Float(c - 1), Float(s))
    }
  }
}

/// A picture that goes on beyond its border as its mirror image.
private struct MirroredPicture {
  private let pixels: [SIMD4<Float>]
  /// Where a column lies in its row, and where a row begins, from `reach` before the first on.
  private let columns: [Int32]
  private let rows: [Int32]
  private let reach: Int

  /// - Parameter reach: How far from its place a pixel may look.
  init(_ image: Image, reach: Int) {
    let (w, h) = (image.width, image.height)
    self.reach = reach
    pixels = image.colours(alpha: 0)
    columns = (-reach..<w + reach).map { Int32(Image.reflected($0, w)) }
    rows = (-reach..<h + reach).map { Int32(Image.reflected($0, h) * w) }
  }

  /// The mean over the places that an arm reaches when it moves.
  @inline(__always)
  func mean(_ moves: [SIMD2<Float>], of arm: SIMD2<Float>, _ x: Int, _ y: Int) -> SIMD4<Float> {
    var sum = SIMD4<Float>(repeating: 0)
    pixels.withUnsafeBufferPointer { pixels in
      columns.withUnsafeBufferPointer { columns in
        rows.withUnsafeBufferPointer { rows in
          for move in moves {
            let (i, u) = split(arm.x * move.x - arm.y * move.y)
            let (j, v) = split(arm.x * move.y + arm.y * move.x)
            let (left, top) = (Int(i) &+ x &+ reach, Int(j) &+ y &+ reach)
            let (a, b) = (Int(columns[left]), Int(columns[left &+ 1]))
            let (above, below) = (Int(rows[top]), Int(rows[top &+ 1]))
            let (p, q) = (pixels[above &+ a], pixels[below &+ a])
            let upper = p + (pixels[above &+ b] - p) * u
            let lower = q + (pixels[below &+ b] - q) * u
            sum += upper + (lower - upper) * v
          }
        }
      }
    }
    return sum / Float(moves.count)
  }

  /// A whole number and the rest, 0...1, without a call of the math library.
  ///
  /// Adding 1.5 x 2^23 leaves no room for a fraction; the low bits are the whole number then.
  @inline(__always)
  private func split(_ x: Float) -> (whole: Int32, rest: Float) {
    let shifted = (x - 0.5) + 12_582_912
    let whole = Int32(bitPattern: shifted.bitPattern &- Float(12_582_912).bitPattern)
    return (whole, x - (shifted - 12_582_912))
  }
}

extension Image {
  /// The pixels of an RGB picture with a fourth value.
  func colours(alpha: Float) -> [SIMD4<Float>] {
    pixels.withUnsafeBufferPointer { p in
      [SIMD4<Float>](unsafeUninitializedCapacity: width * height) { out, count in
        count = width * height
        for i in 0..<count {
          out[i] = SIMD4(p[3 * i], p[3 * i + 1], p[3 * i + 2], alpha)
        }
      }
    }
  }
}
