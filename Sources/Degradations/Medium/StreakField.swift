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
  private let odds: [Double]
  private let distances = StreakField.places.map(\.distance)

  init(_ shape: StreakShape) {
    self.shape = shape
    let (s, c) = ExactMath.sincos(shape.angle * .pi / 180)
    slope = s / c
    let weights = StreakField.places.map { $0.distance * $0.distance }
    let all = weights.reduce(0, +)
    odds = weights.indices.map { weights[...$0].reduce(0, +) / all }
  }

  /// Lets streaks fall until a share `target` of the pixels is covered.
  ///
  /// Their slopes spread by two degrees (the tangent is taken as linear for it), their lengths by 30 %,
  /// their opacities log-normally.
  func layers(covering target: Double, scene: Scene, random: RandomStream) -> ParticleLayers {
    var layers = ParticleLayers(depths: StreakField.places.map(\.depth), scene: scene)
    var streaks = [dp_streak](repeating: dp_streak(), count: 8)
    var places = [UInt32](repeating: 0, count: 8)
    // Where nearer things hide every layer the target is out of reach: then this many must do.
    let most = 1000 + scene.depth.count
    for first in stride(from: 0, to: most, by: 8) {
      draw(&streaks, &places, from: first, scene, random)
      for i in 0..<min(8, most - first) {
        if layers.coverage >= target { return layers }
        layers.draw(streaks[i], on: Int(places[i]))
      }
    }
    return layers
  }

  /// Draws eight streaks and their layers, from number `first` on.
  private func draw(
    _ streaks: inout [dp_streak], _ places: inout [UInt32], from first: Int, _ scene: Scene,
    _ random: RandomStream
  ) {
    var stream = dp_stream(random)
    stream.block = UInt32(4 * first)
    odds.withUnsafeBufferPointer { odds in
      distances.withUnsafeBufferPointer { distances in
        var shower = dp_shower(
          slope: slope, length: shape.length, width: shape.width, opacity: shape.opacity,
          columns: Double(scene.width), rows: Double(scene.height), layers: odds.count,
          odds: odds.baseAddress, distances: distances.baseAddress)
        PixelKernels.used.streaks(&streaks, &places, &shower, stream)
      }
    }
  }
}
