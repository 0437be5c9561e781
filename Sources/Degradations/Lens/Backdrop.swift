import Basics

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
  private let width: Int

  private static let block = 4
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
    self.width = w
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

  /// The block of a pixel.
  @inline(__always)
  func place(_ x: Int, _ y: Int) -> Int { y / Backdrop.block * width + x / Backdrop.block }

  /// Makes a value of every pixel's block and number.
  @inline(__always)
  func eachPixel<Value>(height: Int, of columns: Int, _ body: (_ place: Int, _ i: Int) -> Value)
    -> [Value]
  {
    PixelKernels.made(columns * height) { out, _ in
      guard let out else { return }
      for y in 0..<height {
        for x in 0..<columns { out[y * columns + x] = body(place(x, y), y * columns + x) }
      }
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
    front.withUnsafeBufferPointer { front in
      near.withUnsafeBufferPointer { near in
        weights.withUnsafeBufferPointer { weights in
          for y in 0..<height {
            let below = y + 1 < height ? width : 0
            for j in 0..<columns {
              let places = y * width + j * block..<y * width + min((j + 1) * block, width)
              add(
                front, near, weights, places, to: y / block * columns + j, below: below,
                end: (y + 1) * width - 1, edge: edge)
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private mutating func add(
    _ front: UnsafeBufferPointer<SIMD4<Float>>, _ near: UnsafeBufferPointer<Float>,
    _ weights: UnsafeBufferPointer<Float>, _ places: Range<Int>, to block: Int, below: Int,
    end: Int, edge: Float
  ) {
    var (sum, distance) = (SIMD4<Float>.zero, Float(0))
    var (nearest, steepest) = (least[block], Float(0))
    for i in places {
      sum += front[i] * weights[i]
      distance += near[i] * weights[i]
      nearest = min(nearest, near[i])
      let right = near[i < end ? i + 1 : i]
      steepest = max(steepest, abs(near[i] - right), abs(near[i] - near[i + below]))
    }
    weighted[block] += SIMD8(
      lowHalf: SIMD4<Double>(sum), highHalf: SIMD4(Double(distance), 0, 0, 0))
    least[block] = nearest
    if steepest > edge { edges[block] = 1 }
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
