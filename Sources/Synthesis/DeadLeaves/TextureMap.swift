import Basics

/// How a texture lies on its leaf: bent by a smooth field, seen in perspective, both or neither.
struct TextureMap {
  private let centre: SIMD2<Float>
  /// The change of distance for each pixel to the right and down.
  private var tilt = SIMD2<Float>(0, 0)
  /// Pixels of displacement at one deviation of the field, and where in the field the picture lies.
  private var bending: Float = 0
  private var shift = SIMD2<Int>(0, 0)

  /// The least distance of a point of the leaf, its centre's being 1: nearer ones are held there.
  private static let nearest: Float = 0.25

  /// Draws a map for a leaf of radius `r` pixels.
  init(x: Double, y: Double, r: Double, scale: Double, drawing random: inout RandomStream) {
    centre = SIMD2(Float(x), Float(y))
    if random.chance(0.5) {
      bending = Float(random.uniform(3, 9) * scale)
      shift = SIMD2(random.integer(below: 512), random.integer(below: 512))
    }
    if random.chance(0.5) {
      let (s, c) = ExactMath.sincos(random.uniform(0, 2 * .pi))
      let slope = random.uniform(0.2, 0.65) / r
      tilt = SIMD2(Float(slope * c), Float(slope * s))
    }
  }

  /// The texture's place at the pixel in column `x` and row `y`, in pixels from the leaf's centre.
  @inline(__always)
  func place(_ x: Int, _ y: Int, _ tiles: TextureTiles.View) -> SIMD2<Float> {
    var p = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - centre
    p /= max(1 + (tilt.x * p.x + tilt.y * p.y), TextureMap.nearest)
    if bending > 0 { p += bending * tiles.bend(x &+ shift.x, y &+ shift.y) }
    return p
  }
}
