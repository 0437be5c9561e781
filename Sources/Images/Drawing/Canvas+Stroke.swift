import Basics

extension Canvas {
  /// Draws a chain of straight lines with smooth edges, clipped to a rectangle.
  ///
  /// - Parameters:
  ///   - width: In pixels.
  ///   - opacity: 0...1; places where the chain crosses itself are not darker.
  ///   - clip: Left, top, width and height; the whole canvas when nil.
  public mutating func stroke(
    _ points: [SIMD2<Double>], width: Double, _ ink: Ink, opacity: Double = 1,
    clip: (x: Int, y: Int, width: Int, height: Int)? = nil
  ) {
    let area = clip ?? (0, 0, image.width, image.height)
    var mask = CoverageMask(
      x: max(area.x, 0), y: max(area.y, 0), right: min(area.x + area.width, image.width),
      bottom: min(area.y + area.height, image.height))
    if points.count == 1 { mask.add(points[0], points[0], width: width) }
    for (a, b) in zip(points, points.dropFirst()) { mask.add(a, b, width: width) }
    mask.forEach { x, y, coverage in blend(x, y, ink, coverage * Float(opacity)) }
  }
}

/// How much of each pixel of a rectangle is under a stroke.
private struct CoverageMask {
  private let x, y, right, bottom: Int
  private var coverage: [Float]

  init(x: Int, y: Int, right: Int, bottom: Int) {
    (self.x, self.y, self.right, self.bottom) = (x, y, max(right, x), max(bottom, y))
    coverage = [Float](repeating: 0, count: (self.right - x) * (self.bottom - y))
  }

  /// Adds one straight piece with round ends.
  mutating func add(_ a: SIMD2<Double>, _ b: SIMD2<Double>, width: Double) {
    let reach = SIMD2<Double>(repeating: width / 2 + 1)
    let low = pointwiseMin(a, b) - reach
    let high = pointwiseMax(a, b) + reach
    for row in clamped(low.y, y, bottom)..<clamped(high.y, y, bottom) {
      for column in clamped(low.x, x, right)..<clamped(high.x, x, right) {
        let centre = SIMD2(Double(column) + 0.5, Double(row) + 0.5)
        let share = Float(min(max(width / 2 + 0.5 - distance(centre, a, b), 0), 1))
        let place = (row - y) * (right - x) + column - x
        coverage[place] = max(coverage[place], share)
      }
    }
  }

  func forEach(_ body: (Int, Int, Float) -> Void) {
    let width = right - x
    for (i, share) in coverage.enumerated() where share > 0 {
      body(x + i % width, y + i / width, share)
    }
  }

  /// A coordinate as a whole number between two bounds, however large or not a number it is.
  private func clamped(_ value: Double, _ low: Int, _ high: Int) -> Int {
    Int(min(max(Double(low), value), Double(high)))
  }
}

/// The distance of a point from the straight piece between two points.
private func distance(_ p: SIMD2<Double>, _ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double {
  let along = b - a
  let length = (along * along).sum()
  let share = length > 0 ? min(max(((p - a) * along).sum() / length, 0), 1) : 0
  let offset = p - a - along * share
  return (offset * offset).sum().squareRoot()
}
