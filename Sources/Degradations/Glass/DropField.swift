import Basics

/// How the drops on one pane look; lengths in pixels.
struct DropShape: Sendable, Equatable {
  /// The median radius of a drop.
  var radius: Double
  /// The standard deviation of the logarithm of the radii.
  var spread: Double
  /// The share of drops that have run together from several.
  var merged: Double
  /// The radius of the disk to which a point on the glass is blurred.
  var defocus: Double
}

/// Drops of water on a pane: round caps, and blobs of several that have run together.
///
/// Every round part i adds a bump f = (1 - (d / 1.5 r)^2)^2 to a field; water is where the field
/// exceeds the value that a lone bump has at d = r. So lone drops are circles, and neighbours join by
/// smooth necks.
struct DropField {
  /// A pixel counts as covered from this opacity on.
  static let seen: Float = 0.02
  /// A bump reaches this many radii far.
  private static let reach = 1.5

  /// One pixel's water.
  struct Place {
    /// Sum of the bumps f.
    var field: Float = 0
    /// Sums of f (x - c) / r: over `field`, the slope relative to that at the edge.
    var slopeX: Float = 0
    var slopeY: Float = 0
    /// Sum of f r: over `field`, the local radius.
    var radius: Float = 0

    /// The distance from the middle, 1 at the edge, as a lone drop of this field would have it.
    var relative: Float { 1.5 * max(1 - field.squareRoot(), 0).squareRoot() }
  }

  private(set) var places: [Place]
  /// The share of each pixel's light that comes through water.
  private(set) var opacity: [Float]
  /// The share of pixels whose opacity is seen.
  var coverage: Double { Double(covered) / Double(places.count) }

  private let width: Int
  private let height: Int
  private let shape: DropShape
  private var covered = 0

  /// Puts drops on the pane until a share `target` of the pixels is covered.
  init(
    _ shape: DropShape, covering target: Double, width: Int, height: Int, random: RandomStream
  ) {
    (self.width, self.height, self.shape) = (width, height, shape)
    places = [Place](repeating: Place(), count: width * height)
    opacity = [Float](repeating: 0, count: width * height)
    var random = random
    var painted = 0.0
    // Drops smaller than a pixel may miss every pixel: then this much must do.
    while coverage < target && painted < 100_000 + 50 * Double(places.count) {
      painted += add(target, &random)
    }
  }

  /// Adds one drop; none covers more than a third of the target nor than what is missing.
  private mutating func add(_ target: Double, _ random: inout RandomStream) -> Double {
    let missing = (target - coverage) * Double(places.count)
    let most = (min(missing, target * Double(places.count) / 3) / .pi).squareRoot()
    let wanted = shape.radius * ExactMath.exp(shape.spread * random.normal())
    let radius = min(wanted, max(most, 0.5), 4 * shape.radius)
    let x = random.uniform(-0.5 * radius, Double(width) + 0.5 * radius)
    let y = random.uniform(-0.5 * radius, Double(height) + 0.5 * radius)
    let lobes = parts(x, y, radius, &random)
    var (low, high) = (SIMD2(x, y), SIMD2(x, y))
    for lobe in lobes {
      let reach = DropField.reach * lobe.radius
      low = pointwiseMin(low, lobe.centre - reach)
      high = pointwiseMax(high, lobe.centre + reach)
      raise(lobe)
    }
    cover(low, high)
    let size = high - low + 1
    return size.x * size.y
  }

  private typealias Lobe = (centre: SIMD2<Double>, radius: Double)

  /// The round parts of a drop: one, or a large one with smaller ones at its side, mostly below.
  private func parts(
    _ x: Double, _ y: Double, _ radius: Double, _ random: inout RandomStream
  ) -> [Lobe] {
    var parts: [Lobe] = [(SIMD2(x, y), radius)]
    // Even a lone drop is not quite round, and hangs a little.
    let count = random.chance(shape.merged) ? 2 + random.integer(below: 3) : 1
    for _ in 0..<count {
      let share = count == 1 ? random.uniform(0.5, 0.8) : random.uniform(0.45, 0.9)
      let away = count == 1 ? random.uniform(0.1, 0.4) : random.uniform(0.6, 1.15)
      let (s, c) = ExactMath.sincos(random.normal() * (count == 1 ? 0.7 : 1.3))
      parts.append((SIMD2(x + away * radius * s, y + away * radius * c), share * radius))
    }
    // Bumps add up, so a drop of several would be wider than meant.
    let shrink = count == 1 ? 0.85 : 0.75
    return parts.map { ($0.centre, $0.radius * shrink) }
  }

  /// Adds one bump to the field.
  private mutating func raise(_ lobe: Lobe) {
    let reach = DropField.reach * lobe.radius
    let (left, right) = span(lobe.centre.x - reach, lobe.centre.x + reach, width)
    let (top, bottom) = span(lobe.centre.y - reach, lobe.centre.y + reach, height)
    if left > right || top > bottom { return }
    let (r, scale) = (Float(lobe.radius), Float(1 / (reach * reach)))
    places.withUnsafeMutableBufferPointer { places in
      for row in top...bottom {
        let v = Float(Double(row) + 0.5 - lobe.centre.y)
        for column in left...right {
          let u = Float(Double(column) + 0.5 - lobe.centre.x)
          let rest = 1 - (u * u + v * v) * scale
          if rest <= 0 { continue }
          let f = rest * rest
          let i = row * width + column
          places[i].field += f
          places[i].slopeX += f * u / r
          places[i].slopeY += f * v / r
          places[i].radius += f * r
        }
      }
    }
  }

  /// Finds the opacities of a part of the picture anew.
  private mutating func cover(_ low: SIMD2<Double>, _ high: SIMD2<Double>) {
    let (left, right) = span(low.x, high.x, width)
    let (top, bottom) = span(low.y, high.y, height)
    if left > right || top > bottom { return }
    for row in top...bottom {
      for i in row * width + left...row * width + right where places[i].field > 0 {
        let before = opacity[i] > DropField.seen
        opacity[i] = opacity(places[i])
        if !before && opacity[i] > DropField.seen { covered += 1 }
      }
    }
  }

  private func span(_ low: Double, _ high: Double, _ count: Int) -> (Int, Int) {
    (max(0, Int((low - 0.5).rounded(.up))), min(count - 1, Int((high - 0.5).rounded(.down))))
  }

  /// A sharp edge, blurred by the disk of defocus; drops smaller than the disk grow faint.
  private func opacity(_ place: Place) -> Float {
    let r = place.radius / place.field
    let blur = max(Float(shape.defocus), 0.5)
    let inside = 0.5 + (1 - place.relative) * r / (2 * min(blur, 0.5 * r))
    let s = min(max(inside, 0), 1)
    let strength = min(1, r / blur)
    return s * s * (3 - 2 * s) * strength
  }
}
