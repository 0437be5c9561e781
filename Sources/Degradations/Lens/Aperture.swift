import Basics

/// The opening of a lens as a point out of focus shows it: a disk, or a regular polygon of blades.
package struct Aperture {
  /// The radius of the disk, or of the circle through the polygon's corners, in pixels.
  package let radius: Double
  private let corners: [SIMD2<Double>]

  /// Creates an opening.
  ///
  /// - Parameters:
  ///   - blades: The number of corners; 0 for a disk.
  ///   - rotation: Where the first corner lies, in degrees from the right downwards.
  package init(radius: Double, blades: Int, rotation: Double) {
    self.radius = max(radius, 1e-6)
    let turn = rotation * .pi / 180
    corners = (0..<blades).map { i in
      let (s, c) = ExactMath.sincos(turn + 2 * .pi * Double(i) / Double(blades))
      return SIMD2(c, s) * max(radius, 1e-6)
    }
  }

  /// How much larger a polygon's radius is than that of a disk of the same area.
  package static func enlargement(blades: Int) -> Double {
    if blades == 0 { return 1 }
    let n = Double(blades)
    return (2 * .pi / (n * ExactMath.sin(2 * .pi / n))).squareRoot()
  }

  /// The kernel: the exact area of each pixel that the opening covers, over the whole.
  package var grid: SpreadGrid {
    let reach = max(Int((radius - 0.5).rounded(.up)), 0)
    if corners.isEmpty { return SpreadGrid(radius: reach, share: diskShare) }
    return SpreadGrid(radius: reach + 1, share: polygonShare)
  }

  // MARK: Disk

  private func diskShare(_ dx: Int, _ dy: Int) -> Double {
    let (x, y) = (Double(abs(dx)), Double(abs(dy)))
    let near = SIMD2(max(x - 0.5, 0), max(y - 0.5, 0))
    if (near * near).sum() >= radius * radius { return 0 }
    if (x + 0.5) * (x + 0.5) + (y + 0.5) * (y + 0.5) <= radius * radius { return 1 }
    return quarter(x + 0.5, y + 0.5) - quarter(x - 0.5, y + 0.5)
      - quarter(x + 0.5, y - 0.5) + quarter(x - 0.5, y - 0.5)
  }

  /// The area of the disk between the axes and the lines at `x` and `y`, with the sign of x y.
  private func quarter(_ x: Double, _ y: Double) -> Double {
    let (a, b) = (min(abs(x), radius), min(abs(y), radius))
    var area = a * b
    if a * a + b * b > radius * radius {
      let meeting = (radius * radius - b * b).squareRoot()
      area = b * meeting + underArc(a) - underArc(meeting)
    }
    return (x < 0) != (y < 0) ? -area : area
  }

  /// The integral of sqrt(radius^2 - x^2) from 0 to `x`.
  private func underArc(_ x: Double) -> Double {
    let height = max(radius * radius - x * x, 0).squareRoot()
    return (x * height + radius * radius * ExactMath.atan2(x, height)) / 2
  }

  // MARK: Polygon

  private func polygonShare(_ dx: Int, _ dy: Int) -> Double {
    let (x, y) = (Double(dx), Double(dy))
    var shape = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map { SIMD2(x + $0, y + $1) }
    for (i, corner) in corners.enumerated() {
      let edge = corners[(i + 1) % corners.count] - corner
      shape = cut(shape, from: corner, along: edge)
      if shape.isEmpty { return 0 }
    }
    let next = shape.dropFirst() + shape.prefix(1)
    return zip(shape, next).reduce(0) { $0 + ($1.0.x * $1.1.y - $1.0.y * $1.1.x) / 2 }
  }

  /// The part of a convex shape on the inner side of a line.
  private func cut(
    _ shape: [SIMD2<Double>], from start: SIMD2<Double>, along edge: SIMD2<Double>
  ) -> [SIMD2<Double>] {
    let inside = shape.map { edge.x * ($0.y - start.y) - edge.y * ($0.x - start.x) }
    if inside.allSatisfy({ $0 >= 0 }) { return shape }
    var out: [SIMD2<Double>] = []
    for (i, point) in shape.enumerated() {
      let j = (i + 1) % shape.count
      if inside[i] >= 0 { out.append(point) }
      if (inside[i] >= 0) != (inside[j] >= 0) {
        out.append(point + (shape[j] - point) * (inside[i] / (inside[i] - inside[j])))
      }
    }
    return out
  }
}
