import Basics

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
struct StreakField {
  /// Where the layers are: how many times farther than the first, and at what depth of the scene.
  static let places: [(distance: Double, depth: Float)] = [
    (1, 0), (1.6, 0.06), (2.6, 0.18), (4.2, 0.4),
  ]
  /// A pixel counts as covered from this opacity on.
  static let seen: Float = 0.02

  /// What every pixel lets through, for each layer: 1 without a streak.
  private(set) var layers: [[Float]]
  /// The share of pixels whose opacity over all layers is seen.
  var coverage: Double { Double(covered) / Double(clear.count) }

  private let scene: Scene
  private var clear: [Float]
  private var covered = 0

  /// Lets streaks fall until a share `target` of the pixels is covered.
  ///
  /// What a streak meets of nearer things hides it. Far layers hold more streaks, as many more as
  /// theirs are smaller, so every layer covers about as much.
  init(_ shape: StreakShape, covering target: Double, scene: Scene, random: RandomStream) {
    self.scene = scene
    let count = scene.width * scene.height
    clear = [Float](repeating: 1, count: count)
    layers = StreakField.places.map { _ in [Float](repeating: 1, count: count) }
    var random = random
    let weights = StreakField.places.map { $0.distance * $0.distance }
    let all = weights.reduce(0, +)
    // Where nearer things hide every layer the target is out of reach: then this many must do.
    for _ in 0..<1000 + count where coverage < target {
      var pick = random.uniform() * all
      let layer = weights.firstIndex { weight in
        pick -= weight
        return pick < 0
      }
      drop(layer ?? 0, shape, &random)
    }
  }

  private mutating func drop(_ layer: Int, _ shape: StreakShape, _ random: inout RandomStream) {
    let distance = StreakField.places[layer].distance
    // Two degrees of spread; the tangent is taken as linear for it.
    let slope = tangent(shape.angle) + 0.035 * random.normal()
    let length = shape.length / distance * random.uniform(0.7, 1.3)
    let rise = length / (1 + slope * slope).squareRoot()
    let opacity = min(shape.opacity * ExactMath.exp(0.35 * random.normal()), 0.95)
    let reach = abs(slope) * rise + 2
    let streak = Streak(
      x: random.uniform(-reach, Double(scene.width) + reach),
      y: random.uniform(-rise, Double(scene.height)), slope: slope, rise: max(rise, 0.5),
      width: max(shape.width / distance, 0.3), opacity: opacity,
      wobble: random.uniform(0.5, 2.5), phase: random.uniform())
    draw(streak, layer)
  }

  private func tangent(_ degrees: Double) -> Double {
    let (s, c) = ExactMath.sincos(degrees * .pi / 180)
    return s / c
  }

  private mutating func draw(_ streak: Streak, _ layer: Int) {
    let depth = StreakField.places[layer].depth
    let (width, height) = (scene.width, scene.height)
    var more = 0
    layers[layer].withUnsafeMutableBufferPointer { own in
      clear.withUnsafeMutableBufferPointer { clear in
        scene.depth.withUnsafeBufferPointer { scene in
          streak.forEachPixel(width: width, height: height) { x, y, value in
            let i = y * width + x
            if scene[i] < depth { return }
            own[i] *= 1 - value
            let before = 1 - clear[i]
            clear[i] *= 1 - value
            if before <= StreakField.seen && 1 - clear[i] > StreakField.seen { more += 1 }
          }
        }
      }
    }
    covered += more
  }
}

/// One antialiased capsule; its opacity fades at the ends and swings a little as the drop wobbles.
private struct Streak {
  /// The upper end.
  let x: Double
  let y: Double
  /// Pixels to the right for each pixel down, and pixels down in all.
  let slope: Double
  let rise: Double
  let width: Double
  let opacity: Double
  let wobble: Double
  let phase: Double

  @inline(__always)
  func forEachPixel(width columns: Int, height rows: Int, _ body: (Int, Int, Float) -> Void) {
    let first = max(0, Int((y - 1).rounded(.down)))
    let last = min(rows - 1, Int((y + rise + 1).rounded(.up)))
    if first > last { return }
    let cosine = 1 / (1 + slope * slope).squareRoot()
    let half = width / 2
    let reach = (half + 0.5) / cosine
    for row in first...last {
      let down = Double(row) + 0.5 - y
      let along = down / rise
      let profile = fading(along)
      if profile <= 0 { continue }
      let centre = x + slope * down
      let left = max(0, Int((centre - reach - 0.5).rounded(.up)))
      let right = min(columns - 1, Int((centre + reach - 0.5).rounded(.down)))
      if left > right { continue }
      for column in left...right {
        let distance = abs(Double(column) + 0.5 - centre) * cosine
        // The share of a pixel's width that the capsule covers.
        let share = min(max(half + 0.5 - distance, 0), min(1, width))
        if share > 0 { body(column, row, Float(share * profile)) }
      }
    }
  }

  /// The opacity at a place between the ends 0 and 1.
  private func fading(_ along: Double) -> Double {
    let side = 2 * along - 1
    let ends = 1 - side * side * side * side
    if ends <= 0 { return 0 }
    let turn = along * wobble + phase
    let u = turn - turn.rounded(.down)
    return opacity * ends * (0.8 + 0.8 * u * (1 - u))
  }
}
