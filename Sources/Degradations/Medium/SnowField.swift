import Basics
import CPixels

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
///
/// A flake is a clump of soft lobes, drawn out along its way.
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

  private let shape: FlakeShape
  private let width: Double
  private let height: Double

  init(_ shape: FlakeShape, scene: Scene) {
    (self.shape, width, height) = (shape, Double(scene.width), Double(scene.height))
  }

  /// Lets flakes fall until a share `target` of the pixels is covered.
  func layers(covering target: Double, scene: Scene, random: RandomStream) -> ParticleLayers {
    var layers = ParticleLayers(depths: SnowField.layers.map(\.depth), scene: scene)
    var random = random
    var painted = 0.0
    let pixels = Double(scene.depth.count)
    // Where nearer things hide every layer the target is out of reach: then this much must do.
    var lobes: [dp_lobe] = []
    while layers.coverage < target && painted < 100_000 + 50 * pixels {
      let pick = random.uniform()
      let (first, second) = (SnowField.layers[0].odds, SnowField.layers[1].odds)
      let layer = pick < first ? 0 : pick < first + second ? 1 : 2
      let missing = (target - layers.coverage) * pixels
      let flake = flake(SnowField.layers[layer], missing, &random, &lobes)
      layers.draw(flake, lobes, on: layer)
      painted += boxArea(flake, lobes)
    }
    return layers
  }

  /// One flake; it is made smaller where it would cover more than is missing.
  private func flake(
    _ layer: Layer, _ missing: Double, _ random: inout RandomStream, _ lobes: inout [dp_lobe]
  ) -> dp_flake {
    // Small flakes are the most: the square of a uniform draw.
    let u = random.uniform()
    let wanted = shape.size * mix(layer.radii, u * u)
    let radius = min(wanted, max((missing / 4).squareRoot(), 0.3 * shape.size))
    // A dot smaller than a pixel covers part of it: drawn larger, as much thinner.
    let drawn = max(radius * 1.25, 0.8)
    let thin = min(1, radius * radius / (drawn * drawn) * 1.6)
    let way = shape.streak * radius * random.uniform(0.5, 1.5)
    let opacity = mix(layer.opacity, random.uniform()) * shape.density * thin
    let (s, c) = ExactMath.sincos((shape.angle + 8 * random.normal()) * .pi / 180)
    let reach = drawn + way
    let (x, y) = (random.uniform(-reach, width + reach), random.uniform(-reach, height + reach))
    draw(&lobes, drawn, layer.lobes, &random)
    return dp_flake(
      x: x, y: y, along_x: Float(s), along_y: Float(c), half: Float(way / 2),
      opacity: Float(min(opacity / (1 + 0.35 * way / drawn), 1)),
      steepness: Float(mix(layer.steepness, random.uniform())), lobes: lobes.count)
  }

  /// A clump has no outline that could be recognised at this size; two to four overlapping lobes of
  /// different size look like one, and blurred by the lens like its image.
  private func draw(
    _ lobes: inout [dp_lobe], _ radius: Double, _ most: Int, _ random: inout RandomStream
  ) {
    lobes.removeAll(keepingCapacity: true)
    if most == 1 || radius < 1.3 { return lobes.append(dp_lobe(x: 0, y: 0, radius: Float(radius))) }
    for _ in 0..<2 + random.integer(below: most - 1) {
      let size = radius * random.uniform(0.6, 0.85)
      let (dx, dy) = (random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4))
      lobes.append(dp_lobe(x: Float(dx * radius), y: Float(dy * radius), radius: Float(size)))
    }
  }

  private func mix(_ range: ClosedRange<Double>, _ t: Double) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * t
  }

  /// The pixels of the box round a flake, on the picture or not.
  private func boxArea(_ flake: dp_flake, _ lobes: [dp_lobe]) -> Double {
    let radius = Double(lobes.reduce(0) { max($0, $1.radius) } + flake.half)
    return (2 * radius + 1) * (2 * radius + 1)
  }
}

extension dp_lobe {
  init(x: Float, y: Float, radius: Float) {
    self.init(x: x, y: y, radius: radius, scale: 1 / (radius * radius))
  }
}
