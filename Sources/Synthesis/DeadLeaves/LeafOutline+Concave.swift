import Basics

/// Outlines with bays: jagged or smooth, some with a hole.
///
/// They stand for the concave hulls of random points that VibrantLeaves takes, at a fraction of their
/// cost: a radius that changes strongly with the angle.
extension LeafOutline {
  /// Holes below this radius, in raster places, cannot be seen.
  private static let smallestHoled = 16.0

  /// Draws a concave outline of the area of a disk of radius `r`.
  static func concave(
    _ x: Double, _ y: Double, _ r: Double, drawing random: inout RandomStream
  ) -> LeafOutline {
    let radii = random.chance(0.5) ? smooth(r, &random) : jagged(r, &random)
    var corners = star(radii, turn: random.uniform(0, 2 * .pi))
    if r >= smallestHoled && random.chance(0.1) { corners += hole(in: corners, &random) }
    let scale = (.pi * r * r / abs(area(corners))).squareRoot()
    return .polygon(corners.map { SIMD2(x, y) + $0 * scale })
  }

  /// Radii that change at random from corner to corner: torn paper, splinters.
  private static func jagged(_ r: Double, _ random: inout RandomStream) -> [Double] {
    (0..<7 + random.integer(below: 8 + Int(min(r, 60) / 3))).map { _ in random.uniform(0.35, 1.2) }
  }

  /// Radii of a few waves about the centre: lobes, petals, puddles.
  private static func smooth(_ r: Double, _ random: inout RandomStream) -> [Double] {
    let count = 16 + Int(min(r, 96) / 2)
    let waves = (0..<2).map { _ in
      (
        number: 2 + random.integer(below: 5), height: random.uniform(0.08, 0.34),
        start: random.uniform(0, 2 * .pi)
      )
    }
    var radii = [Double](repeating: 1, count: count)
    for wave in waves {
      let step = unit(2 * .pi * Double(wave.number) / Double(count))
      var point = unit(wave.start)
      for i in radii.indices {
        radii[i] += wave.height * point.x
        point = turned(point, by: step)
      }
    }
    return radii
  }

  /// The corners at these distances from the origin, at even angles.
  private static func star(_ radii: [Double], turn: Double) -> [SIMD2<Double>] {
    let step = unit(2 * .pi / Double(radii.count))
    var direction = unit(turn)
    return radii.map { radius in
      defer { direction = turned(direction, by: step) }
      return direction * radius
    }
  }

  /// A smaller outline within, run through backwards and joined by a cut of no width.
  private static func hole(in corners: [SIMD2<Double>], _ random: inout RandomStream)
    -> [SIMD2<Double>]
  {
    let inner = corners.map { $0 * 0.5 }
    // Out along the cut and back: where it is crossed, it is crossed twice.
    return [corners[0], inner[0]] + inner.dropFirst().reversed() + [inner[0]]
  }

  private static func area(_ corners: [SIMD2<Double>]) -> Double {
    var (sum, last) = (0.0, corners[corners.count - 1])
    for corner in corners {
      sum += last.x * corner.y - last.y * corner.x
      last = corner
    }
    return sum / 2
  }

  private static func unit(_ angle: Double) -> SIMD2<Double> {
    let (s, c) = ExactMath.sincos(angle)
    return SIMD2(c, s)
  }

  private static func turned(_ p: SIMD2<Double>, by q: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(p.x * q.x - p.y * q.y, p.x * q.y + p.y * q.x)
  }
}
