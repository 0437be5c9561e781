import Basics

/// Sinusoids in one or two directions through a sigmoid: stripes, scales, checks.
struct Waves {
  /// Turns for each pixel to the right and down, and the turn at the origin.
  private var first = SIMD3<Float>(0, 0, 0)
  private var second = SIMD3<Float>(0, 0, 0)
  /// Whether the two are multiplied, which gives checks, and not added.
  private var areChecks = false
  /// How steep the sigmoid is, and which height of the wave is its middle.
  private var contrast: Float = 0
  private var level: Float = 0

  /// No waves at all.
  init() {}

  /// Draws waves of 5 to 100 pixels at a short side of 256.
  init(scale: Double, drawing random: inout RandomStream) {
    let period = 5 * ExactMath.exp(random.uniform(0, 3)) * scale
    let turn = random.uniform(0, 2 * .pi)
    first = Waves.wave(period: period, turn: turn, &random)
    if random.chance(0.5) {
      let across = turn + .pi / 2 + random.uniform(-0.4, 0.4)
      second = Waves.wave(
        period: period * ExactMath.exp(random.uniform(-0.5, 0.5)), turn: across, &random)
    }
    // Steeper than this and the edge between the two colours would fall between two pixels.
    contrast = Float(ExactMath.exp(random.uniform(-0.3, max(ExactMath.log(period / 4), 0))))
    level = Float(random.uniform(-0.5, 0.5))
  }

  /// Draws the mask of a mixture: broad bands, or once in ten a grid of fields.
  static func mask(scale: Double, drawing random: inout RandomStream) -> Waves {
    var mask = Waves(scale: 2 * scale, drawing: &random)
    mask.contrast = 8
    if random.chance(0.1) {
      mask.areChecks = true
      mask.second = SIMD3(-mask.first.y, mask.first.x, Float(random.uniform()))
      mask.level = 0
    }
    return mask
  }

  private static func wave(period: Double, turn: Double, _ random: inout RandomStream)
    -> SIMD3<Float>
  {
    let (s, c) = ExactMath.sincos(turn)
    return SIMD3(Float(c / period), Float(s / period), Float(random.uniform()))
  }

  /// The share of the second colour at a place, 0...1.
  @inline(__always)
  func value(_ p: SIMD2<Float>) -> Float {
    let a = Waves.sine(first.x * p.x + first.y * p.y + first.z)
    let b = Waves.sine(second.x * p.x + second.y * p.y + second.z)
    return sigmoid(contrast * ((areChecks ? a * b : a + b) - level))
  }

  /// The sine of a number of turns, from two parabolas: within 0.001, in a few exact operations.
  @inline(__always)
  private static func sine(_ turns: Float) -> Float {
    let t = turns - Float(floored(turns + 0.5))
    let y = 8 * t - 16 * t * abs(t)
    return 0.225 * (y * abs(y) - y) + y
  }
}
