import Basics
import CPixels

/// A guess at what lies behind each pixel: the mean of its surroundings, what is farthest counting most.
///
/// One guess for each block of 4 x 4 pixels, since it only shows through blurred rims.
struct Backdrop {
  /// The guessed colours, with coverage 1.
  let colours: [SIMD4<Float>]
  /// How near the guess is.
  let nearness: [Float]
  /// The least nearness of the surroundings.
  let least: [Float]
  /// Whether the surroundings have an edge of depth.
  let hasEdge: [Bool]
  /// Pixels in a row.
  private let width: Int

  /// Pixels in the side of a block.
  static let block = 4
  /// How strongly what is far outweighs what is near: e^16 between the extremes.
  private static let preference = 16.0

  /// Makes the guess.
  ///
  /// - Parameters:
  ///   - front: The colours seen.
  ///   - nearness: 0 for the farthest, 1 for the nearest.
  ///   - reach: How far blur carries light, in pixels.
  ///   - edge: What difference of neighbours makes an edge.
  init(
    _ front: [SIMD4<Float>], nearness: [Float], width: Int, height: Int, reach: Double,
    edge: Float
  ) {
    let k = Backdrop.block
    let (w, h) = ((width + k - 1) / k, (height + k - 1) / k)
    self.width = width
    let sums = BlockSums(
      front, nearness, weights: PixelKernels.decay(nearness, rate: Backdrop.preference),
      width: width, height: height, edge: edge, block: k)
    let radius = Int((reach / Double(k)).rounded(.up)) + 1
    let spread = boxSums(sums.weighted, width: w, height: h, radius: radius)
    colours = spread.map { SIMD4<Float>($0.lowHalf / max($0[3], 1e-30)) }
    self.nearness = spread.map { Float($0[4] / max($0[3], 1e-30)) }
    least = windowExtremes(sums.least, width: w, height: h, reach: radius).low
    hasEdge = windowExtremes(sums.edges, width: w, height: h, reach: radius).high.map { $0 > 0 }
  }

  /// The sheet behind each pixel's own.
  ///
  /// - Parameters:
  ///   - own: The sheet of each pixel.
  ///   - least: The farthest sheet of each block's surroundings: where it is not behind a pixel, `none`.
  ///   - second: The sheet of each block's guess; the one just behind a pixel's own if that is farther.
  func sheetsBehind(_ own: [Int16], least: [Int16], second: [Int16], none: Int16) -> [Int16] {
    var line: [Int16] = PixelKernels.made(2 * width) { _, _ in }
    return PixelKernels.made(own.count) { behind, count in
      PixelKernels.used.sheets_behind(
        behind, own, least, second, width, count / width, Backdrop.block, none, &line)
    }
  }
}

/// What a backdrop needs to know of each block of pixels.
private struct BlockSums {
  /// Three weighted colours, the weight itself, and the weighted nearness.
  var weighted: [SIMD8<Double>]
  /// The least nearness.
  var least: [Float]
  /// 1 where a pixel differs from the one to its right or below by more than an edge.
  var edges: [Float]

  init(
    _ front: [SIMD4<Float>], _ near: [Float], weights: [Float], width: Int, height: Int,
    edge: Float, block: Int
  ) {
    let columns = (width + block - 1) / block
    let count = columns * ((height + block - 1) / block)
    weighted = Array(repeating: .zero, count: count)
    least = Array(repeating: 1, count: count)
    edges = Array(repeating: 0, count: count)
    weighted.withUnsafeMutableBytes { sums in
      front.withUnsafeBytes { front in
        PixelKernels.used.block_sums(
          sums.assumingMemoryBound(to: Double.self).baseAddress, &least, &edges,
          front.assumingMemoryBound(to: Float.self).baseAddress, near, weights, width, height,
          block,
          edge)
      }
    }
  }
}

/// The sums over the part of each (2 radius + 1)-square window that lies in the raster.
private func boxSums(_ x: [SIMD8<Double>], width: Int, height: Int, radius: Int)
  -> [SIMD8<Double>]
{
  let rows = slidingSums(x, lines: height, lineStep: width, count: width, step: 1, radius: radius)
  return slidingSums(rows, lines: width, lineStep: 1, count: height, step: width, radius: radius)
}

private func slidingSums(
  _ x: [SIMD8<Double>], lines: Int, lineStep: Int, count: Int, step: Int, radius: Int
) -> [SIMD8<Double>] {
  var out = x
  x.withUnsafeBufferPointer { x in
    out.withUnsafeMutableBufferPointer { out in
      for line in 0..<lines {
        let start = line * lineStep
        var sum = SIMD8<Double>.zero
        for i in 0..<min(radius, count) { sum += x[start + i * step] }
        for i in 0..<count {
          if i + radius < count { sum += x[start + (i + radius) * step] }
          if i > radius { sum -= x[start + (i - radius - 1) * step] }
          out[start + i * step] = sum
        }
      }
    }
  }
  return out
}
