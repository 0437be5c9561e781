import Basics

/// How the flakes of one snowfall look.
struct FlakeShape: Sendable, Equatable {
  /// The radius of a flake of middle distance in pixels.
  var size: Double
  /// The direction in degrees from the vertical; positive drifts to the right on the way down.
  var angle: Double
  /// The way during the exposure, in radii of the flake.
  var streak: Double
  /// Factor on the opacities of all layers.
  var density: Double
}

/// Falling snow in three layers of depth, flake after flake until they cover enough.
struct SnowField {
  /// One layer: what its flakes look like beside those in the middle, and how many there are.
  struct Layer {
    /// Depth of the scene at which it falls; what is nearer hides it.
    let depth: Float
    /// The odds of a flake.
    let odds: Double
    /// Radii over the middle radius.
    let radii: ClosedRange<Double>
    let opacity: ClosedRange<Double>
    /// The edge: small numbers are out of focus.
    let steepness: ClosedRange<Double>
    /// The most lobes of a flake.
    let lobes: Int
  }

  /// Near flakes are out of focus: large, soft, and thin; far ones are dots.
  static let layers = [
    Layer(
      depth: 0, odds: 0.012, radii: 2.2...7, opacity: 0.2...0.6, steepness: 0.5...1, lobes: 3),
    Layer(
      depth: 0.08, odds: 0.15, radii: 0.6...1.7, opacity: 0.55...1, steepness: 0.75...1.4,
      lobes: 4),
    Layer(
      depth: 0.35, odds: 0.838, radii: 0.25...0.65, opacity: 0.4...0.95, steepness: 1.2...1.2,
      lobes: 1),
  ]
  /// A pixel counts as covered from this opacity on.
  static let seen: Float = 0.02

  /// What every pixel lets through, for each layer: 1 without a flake.
  private(set) var clear: [[Float]]
  /// The share of pixels whose opacity over all layers is seen.
  var coverage: Double { Double(covered) / Double(total.count) }

  private let scene: Scene
  private let shape: FlakeShape
  private var total: [Float]
  private var covered = 0
  private var painted = 0.0

  /// Lets flakes fall until a share `target` of the pixels is covered.
  init(_ shape: FlakeShape, covering target: Double, scene: Scene, random: RandomStream) {
    (self.scene, self.shape) = (scene, shape)
    let count = scene.width * scene.height
    total = [Float](repeating: 1, count: count)
    clear = SnowField.layers.map { _ in [Float](repeating: 1, count: count) }
    var random = random
    // Where nearer things hide every layer the target is out of reach: then this much must do.
    while coverage < target && painted < 100_000 + 50 * Double(count) {
      let missing = (target - coverage) * Double(count)
      let pick = random.uniform()
      if pick < SnowField.layers[0].odds {
        fall(0, missing, &random)
      } else {
        fall(pick < SnowField.layers[0].odds + SnowField.layers[1].odds ? 1 : 2, missing, &random)
      }
    }
  }

  /// One flake; it is made smaller where it would cover more than is missing.
  private mutating func fall(_ layer: Int, _ missing: Double, _ random: inout RandomStream) {
    let kind = SnowField.layers[layer]
    // Small flakes are the most: the square of a uniform draw.
    let u = random.uniform()
    let wanted = shape.size * mix(kind.radii, u * u)
    let radius = min(wanted, max((missing / 4).squareRoot(), 0.3 * shape.size))
    // A dot smaller than a pixel covers part of it: drawn larger, as much thinner.
    let drawn = max(radius * 1.25, 0.8)
    let thin = min(1, radius * radius / (drawn * drawn) * 1.6)
    let way = shape.streak * radius * random.uniform(0.5, 1.5)
    let opacity = mix(kind.opacity, random.uniform()) * shape.density * thin
    let (s, c) = ExactMath.sincos((shape.angle + 8 * random.normal()) * .pi / 180)
    let reach = drawn + way
    let flake = Flake(
      x: random.uniform(-reach, Double(scene.width) + reach),
      y: random.uniform(-reach, Double(scene.height) + reach),
      lobes: lobes(drawn, kind.lobes, &random), along: SIMD2(Float(s), Float(c)),
      half: Float(way / 2),
      opacity: Float(min(opacity / (1 + 0.35 * way / drawn), 1)),
      steepness: Float(mix(kind.steepness, random.uniform())))
    draw(flake, layer)
  }

  private func lobes(_ radius: Double, _ most: Int, _ random: inout RandomStream) -> [Flake.Lobe] {
    if most == 1 || radius < 1.3 { return [Flake.Lobe(x: 0, y: 0, radius: Float(radius))] }
    let count = 2 + random.integer(below: most - 1)
    return (0..<count).map { _ in
      let size = radius * random.uniform(0.6, 0.85)
      let (dx, dy) = (random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4))
      return Flake.Lobe(x: Float(dx * radius), y: Float(dy * radius), radius: Float(size))
    }
  }

  private func mix(_ range: ClosedRange<Double>, _ t: Double) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * t
  }

  private mutating func draw(_ flake: Flake, _ layer: Int) {
    let depth = SnowField.layers[layer].depth
    let (width, height) = (scene.width, scene.height)
    var more = 0
    clear[layer].withUnsafeMutableBufferPointer { own in
      total.withUnsafeMutableBufferPointer { total in
        scene.depth.withUnsafeBufferPointer { scene in
          flake.forEachPixel(width: width, height: height) { x, y, value in
            let i = y * width + x
            if scene[i] < depth { return }
            own[i] *= 1 - value
            let before = 1 - total[i]
            total[i] *= 1 - value
            if before <= SnowField.seen && 1 - total[i] > SnowField.seen { more += 1 }
          }
        }
      }
    }
    covered += more
    painted += flake.area
  }
}
