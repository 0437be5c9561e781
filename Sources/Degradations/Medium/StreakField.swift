import Basics
import CPixels

/// How the streaks of one shower look; lengths in pixels.
struct StreakShape: Sendable, Equatable {
  /// The direction in degrees from the vertical; positive leans to the right on the way down.
  var angle: Double
  /// Length and width of a streak in the nearest layer.
  var length: Double
  var width: Double
  /// The median opacity of a streak on its centre line.
  var opacity: Double
}

/// Streaks of rain in layers of depth, drawn one after another until they cover enough.
///
/// Far layers hold more streaks, as many more as theirs are smaller, so every layer covers about as
/// much.
struct StreakField {
  /// Where the layers are: how many times farther than the first, and at what depth of the scene.
  static let places: [(distance: Double, depth: Float)] = [
    (1, 0), (1.6, 0.06), (2.6, 0.18), (4.2, 0.4),
  ]

  private let shape: StreakShape
  private let slope: Double
  private let width: Double
  private let height: Double
  private let odds: [Double]

  init(_ shape: StreakShape, scene: Scene) {
    self.shape = shape
    (width, height) = (Double(scene.width), Double(scene.height))
    let (s, c) = ExactMath.sincos(shape.angle * .pi / 180)
    slope = s / c
    let weights = StreakField.places.map { $0.distance * $0.distance }
    let all = weights.reduce(0, +)
    odds = weights.indices.map { weights[...$0].reduce(0, +) / all }
  }

  /// Lets streaks fall until a share `target` of the pixels is covered.
  func layers(covering target: Double, scene: Scene, random: RandomStream) -> ParticleLayers {
    var layers = ParticleLayers(depths: StreakField.places.map(\.depth), scene: scene)
    var random = random
    // Where nearer things hide every layer the target is out of reach: then this many must do.
    for _ in 0..<1000 + scene.depth.count where layers.coverage < target {
      let pick = random.uniform()
      let layer = odds.firstIndex { pick < $0 } ?? 0
      layers.draw(streak(StreakField.places[layer].distance, &random), on: layer)
    }
    return layers
  }

  private func streak(_ distance: Double, _ random: inout RandomStream) -> dp_streak {
    // Two degrees of spread; the tangent is taken as linear for it.
    let slope = slope + 0.035 * random.normal()
    let length = shape.length / distance * random.uniform(0.7, 1.3)
    let cosine = 1 / (1 + slope * slope).squareRoot()
    let rise = length * cosine
    let opacity = min(shape.opacity * ExactMath.exp(0.35 * random.normal()), 0.95)
    let reach = abs(slope) * rise + 2
    return dp_streak(
      x: random.uniform(-reach, width + reach), y: random.uniform(-rise, height), slope: slope,
      cosine: cosine, rise: max(rise, 0.5), width: max(shape.width / distance, 0.3),
      opacity: opacity, wobble: random.uniform(0.5, 2.5), phase: random.uniform())
  }
}
