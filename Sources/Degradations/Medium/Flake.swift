import Basics

/// One flake of snow on the picture: a clump of soft lobes, drawn out along its way.
///
/// A crystal clump has no outline that could be recognised at this size; two to four overlapping
/// lobes of different size look like one, and blurred by the lens like its image.
struct Flake {
  /// One round part; x and y from the flake's centre, all in pixels.
  struct Lobe {
    let x: Float
    let y: Float
    let radius: Float
  }

  /// The centre.
  let x: Double
  let y: Double
  let lobes: [Lobe]
  /// The direction of motion, of length 1, and half the way during the exposure.
  let along: SIMD2<Float>
  let half: Float
  /// Opacity inside, and how steeply it falls at the edge: 1 from the centre on, large for a rim.
  let opacity: Float
  let steepness: Float

  /// The pixels that a flake can touch, from its centre.
  private var reach: SIMD2<Double> {
    var reach = SIMD2<Float>(0, 0)
    for lobe in lobes {
      let way = SIMD2(abs(along.x), abs(along.y)) * half
      reach = pointwiseMax(reach, SIMD2(abs(lobe.x), abs(lobe.y)) + lobe.radius + way)
    }
    return SIMD2(Double(reach.x), Double(reach.y))
  }

  /// The pixels of the box round the flake, on the picture or not.
  var area: Double { (2 * reach.x + 1) * (2 * reach.y + 1) }

  /// Calls `body` with column, row and opacity of every pixel that the flake touches.
  ///
  /// About 4 ns for each pixel of the box and lobe.
  @inline(__always)
  func forEachPixel(width: Int, height: Int, _ body: (Int, Int, Float) -> Void) {
    let reach = reach
    let top = max(0, Int((y - reach.y - 0.5).rounded(.up)))
    let bottom = min(height - 1, Int((y + reach.y - 0.5).rounded(.down)))
    let left = max(0, Int((x - reach.x - 0.5).rounded(.up)))
    let right = min(width - 1, Int((x + reach.x - 0.5).rounded(.down)))
    if top > bottom || left > right { return }
    lobes.withUnsafeBufferPointer { lobes in
      for row in top...bottom {
        let v = Float(Double(row) + 0.5 - y)
        for column in left...right {
          let value = opacity * share(Float(Double(column) + 0.5 - x), v, lobes)
          if value > 0 { body(column, row, value) }
        }
      }
    }
  }

  /// How much of a place, seen from the centre, the lobes cover together.
  @inline(__always)
  private func share(_ u: Float, _ v: Float, _ lobes: UnsafeBufferPointer<Lobe>) -> Float {
    var clear: Float = 1
    for lobe in lobes {
      let (p, q) = (u - lobe.x, v - lobe.y)
      let t = min(max(p * along.x + q * along.y, -half), half)
      let (a, b) = (p - t * along.x, q - t * along.y)
      let rest = 1 - (a * a + b * b) / (lobe.radius * lobe.radius)
      if rest > 0 {
        let s = min(rest * steepness, 1)
        clear *= 1 - s * s * (3 - 2 * s)
      }
    }
    return 1 - clear
  }
}
