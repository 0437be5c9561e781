import Basics

/// A pattern in three colours: 1/f^s noise, waves, or a slope from one colour to the next.
///
/// All colours are mixtures of palette colours, so that nothing leaves the range. What a pattern does
/// not need stands in the structure all the same: a pixel then reads in place, without a copy.
struct Texture {
  private enum Pattern {
    case noise, waves, slope
  }

  private let pattern: Pattern
  /// Four lanes, since three cost more; the last is not used.
  private var low: SIMD4<Float>
  private var middle: SIMD4<Float>
  private var high: SIMD4<Float>
  private var tile = 0
  /// From the leaf to the tile: u = m0 x + m1 y + o0 and v = m2 x + m3 y + o1; a slope follows u.
  private var matrix = SIMD4<Float>(0, 0, 0, 0)
  private var offset = SIMD2<Float>(0, 0)
  private var waves = Waves()

  private init(_ pattern: Pattern, _ low: SIMD3<Float>, _ high: SIMD3<Float>) {
    (self.pattern, self.low, self.high) = (pattern, SIMD4(low, 1), SIMD4(high, 1))
    middle = SIMD4((low + high) / 2, 1)
  }

  /// Draws a texture round a colour; four in five are noise.
  static func drawn(
    colour: SIMD3<Float>, palette: Palette, scale: Double, drawing random: inout RandomStream
  ) -> Texture {
    let isNoise = random.chance(0.8)
    // In nature one material varies less than it differs from the next.
    let share = Float(random.uniform(0.2, 0.9))
    let other = colour + (palette.pick(&random) - colour) * share
    var texture = Texture(isNoise ? .noise : .waves, colour, other)
    guard isNoise else {
      texture.waves = Waves(scale: scale, drawing: &random)
      return texture
    }
    texture.middle = SIMD4(colour, 1)
    texture.low = SIMD4(colour + (palette.pick(&random) - colour) * share, 1)
    texture.layNoise(&random)
    return texture
  }

  /// Draws a slope across a leaf of radius `r` pixels: as the light on something round.
  static func slope(
    from: SIMD3<Float>, to: SIMD3<Float>, r: Double, drawing random: inout RandomStream
  ) -> Texture {
    var texture = Texture(.slope, from, to)
    let (s, c) = ExactMath.sincos(random.uniform(0, 2 * .pi))
    let steepness = random.uniform(1, 4) / r
    texture.matrix = SIMD4(Float(steepness * c), Float(steepness * s), 0, 0)
    return texture
  }

  /// Turns and stretches a tile: round grains look like stone, long ones like grass or brushwork.
  private mutating func layNoise(_ random: inout RandomStream) {
    tile = random.integer(below: TextureTiles.count)
    let (s, c) = ExactMath.sincos(random.uniform(0, .pi))
    let size = ExactMath.exp(random.uniform(-0.9, 0.4))
    let stretch = random.chance(0.6) ? 1 : ExactMath.exp(random.uniform(0, 1.8))
    matrix = SIMD4(
      Float(size * c), Float(size * s), Float(-size * s / stretch), Float(size * c / stretch))
    offset = SIMD2(Float(random.uniform(0, 512)), Float(random.uniform(0, 512)))
  }

  /// The light at a place of the leaf.
  @inline(__always)
  func light(_ p: SIMD2<Float>, _ tiles: TextureTiles.View) -> SIMD4<Float> {
    let t: Float
    switch pattern {
    case .noise:
      let u = matrix.x * p.x + matrix.y * p.y + offset.x
      let v = matrix.z * p.x + matrix.w * p.y + offset.y
      t = tiles.value(tile: tile, SIMD2(u, v))
    case .waves: t = waves.value(p)
    case .slope: t = sigmoid(matrix.x * p.x + matrix.y * p.y)
    }
    return t < 0.5 ? low + (middle - low) * (2 * t) : middle + (high - middle) * (2 * t - 1)
  }
}

/// A curve from 0 to 1 that is steepest at 0, in exact operations.
@inline(__always)
func sigmoid(_ t: Float) -> Float { 0.5 + 0.5 * t / (1 + t * t).squareRoot() }
