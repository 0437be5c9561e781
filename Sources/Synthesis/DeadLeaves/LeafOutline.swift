import Basics

/// The outline of one leaf, cut into rows of whole places.
///
/// A place belongs to a leaf when its centre does. Coordinates are in raster places.
package enum LeafOutline {
  /// Centre and the inverse form A x^2 + B x y + C y^2 <= 1.
  case ellipse(x: Double, y: Double, a: Double, b: Double, c: Double)
  case polygon([SIMD2<Double>])

  /// Draws an outline of about the area of a disk of radius `r`.
  package init(x: Double, y: Double, r: Double, drawing random: inout RandomStream) {
    let kind = random.uniform()
    // Under three places the shape cannot be seen.
    if r < 3 || kind < 0.4 {
      self = LeafOutline.ellipse(x, y, r, &random)
    } else if kind < 0.55 {
      self = LeafOutline.rectangle(x, y, r, &random)
    } else if kind < 0.7 {
      self = LeafOutline.blob(x, y, r, &random)
    } else {
      self = LeafOutline.concave(x, y, r, drawing: &random)
    }
  }

  private static func ellipse(_ x: Double, _ y: Double, _ r: Double, _ random: inout RandomStream)
    -> LeafOutline
  {
    if r < 3 { return .ellipse(x: x, y: y, a: 1 / (r * r), b: 0, c: 1 / (r * r)) }
    let aspect = random.uniform(1, 1.6).squareRoot()
    let (s, c) = ExactMath.sincos(random.uniform(0, .pi))
    let p = 1 / (r * r * aspect * aspect)
    let q = aspect * aspect / (r * r)
    return .ellipse(
      x: x, y: y, a: p * c * c + q * s * s, b: 2 * (p - q) * s * c, c: p * s * s + q * c * c)
  }

  private static func rectangle(_ x: Double, _ y: Double, _ r: Double, _ random: inout RandomStream)
    -> LeafOutline
  {
    let aspect = random.uniform(1, 2).squareRoot()
    let (s, c) = ExactMath.sincos(random.uniform(0, .pi))
    // A disk's area is pi r^2: half sides r sqrt(pi) / 2, stretched.
    let (u, v) = (0.8862 * r * aspect, 0.8862 * r / aspect)
    return .polygon(
      [(u, v), (-u, v), (-u, -v), (u, -v)].map {
        SIMD2(x + $0.0 * c - $0.1 * s, y + $0.0 * s + $0.1 * c)
      })
  }

  /// A star-shaped polygon of uneven radius: between a pebble and an oak leaf.
  private static func blob(_ x: Double, _ y: Double, _ r: Double, _ random: inout RandomStream)
    -> LeafOutline
  {
    let corners = 5 + random.integer(below: 14)
    let rough = random.uniform(0.05, 0.45)
    let turn = random.uniform(0, 2 * .pi)
    return .polygon(
      (0..<corners).map { i in
        let angle = turn + 2 * .pi * (Double(i) + random.uniform(-0.3, 0.3)) / Double(corners)
        let (s, c) = ExactMath.sincos(angle)
        let radius = r * (1 + rough * random.uniform(-1, 1))
        return SIMD2(x + radius * c, y + radius * s)
      })
  }

  /// Calls `body` with every row in 0..<`height` that the leaf meets and the columns in it.
  package func rows(height: Int, _ body: (Int, Range<Int>) -> Void) {
    switch self {
    case .ellipse(let x, let y, let a, let b, let c):
      LeafOutline.ellipseRows(x, y, a, b, c, height, body)
    case .polygon(let corners): LeafOutline.polygonRows(corners, height, body)
    }
  }

  private static func ellipseRows(
    _ x: Double, _ y: Double, _ a: Double, _ b: Double, _ c: Double, _ height: Int,
    _ body: (Int, Range<Int>) -> Void
  ) {
    let reach = (a / (a * c - b * b / 4)).squareRoot()
    guard let rows = places(y - reach, y + reach).clamped(to: height) else { return }
    for row in rows {
      let dy = Double(row) + 0.5 - y
      let middle = x - b * dy / (2 * a)
      let root = b * b * dy * dy - 4 * a * (c * dy * dy - 1)
      if root < 0 { continue }
      let half = root.squareRoot() / (2 * a)
      body(row, places(middle - half, middle + half))
    }
  }

  private static func polygonRows(
    _ corners: [SIMD2<Double>], _ height: Int, _ body: (Int, Range<Int>) -> Void
  ) {
    let top = corners.reduce(Double.infinity) { min($0, $1.y) }
    let bottom = corners.reduce(-Double.infinity) { max($0, $1.y) }
    guard let rows = places(top, bottom).clamped(to: height) else { return }
    var crossings = [Double](repeating: 0, count: corners.count)
    for row in rows {
      let count = crossings.withUnsafeMutableBufferPointer { out in
        corners.withUnsafeBufferPointer { cross($0, at: Double(row) + 0.5, into: out) }
      }
      for i in stride(from: 1, to: count, by: 2) {
        body(row, places(crossings[i - 1], crossings[i]))
      }
    }
  }

  /// Writes where the edges cross a horizontal line, in rising order; returns how many do.
  private static func cross(
    _ corners: UnsafeBufferPointer<SIMD2<Double>>, at y: Double,
    into crossings: UnsafeMutableBufferPointer<Double>
  ) -> Int {
    var count = 0
    var p = corners[corners.count - 1]
    for q in corners {
      if (p.y <= y) != (q.y <= y) {
        let x = p.x + (q.x - p.x) * ((y - p.y) / (q.y - p.y))
        // Few are found, and each goes straight to its place.
        var i = count
        while i > 0 && crossings[i - 1] > x {
          crossings[i] = crossings[i - 1]
          i -= 1
        }
        crossings[i] = x
        count += 1
      }
      p = q
    }
    return count
  }

  /// The places whose centres lie between two coordinates.
  private static func places(_ from: Double, _ to: Double) -> Range<Int> {
    let first = Int((from - 0.5).rounded(.up))
    return first..<max(first, Int((to - 0.5).rounded(.down)) + 1)
  }
}

extension Range<Int> {
  /// The part in 0..<`count`; nil when there is none.
  fileprivate func clamped(to count: Int) -> Range<Int>? {
    let part = clamped(to: 0..<count)
    return part.isEmpty ? nil : part
  }
}
