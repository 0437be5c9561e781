import Basics

/// How one leaf looks: a colour or a paint, shaded across, and grained when it is neither tiny nor
/// painted.
struct Leaf {
  let depth: Float
  private var colour: SIMD4<Float>
  /// The place of its paint in the pile; nil for leaves of one colour.
  private let paint: Int32?
  /// The relative change of brightness from pixel to pixel, its value at the origin and its bound.
  private var shade = SIMD4<Float>(0, 0, 0, 0)
  /// From the picture to the grain, which is a tile's noise: turned, stretched and shifted.
  private var matrix = SIMD4<Float>(0, 0, 0, 0)
  private var offset = SIMD2<Float>(0, 0)
  private var strength: Float = 0

  /// Leaves below this radius, in pixels, are flat.
  private static let smallestShaded = 3.0
  /// The most light that anything gives, so that no channel passes for a highlight.
  private static let brightest: Float = 0.95
  /// The tile of the grain: near 1/f.
  private static let grainTile = 1

  init(
    x: Double, y: Double, r: Double, depth: Double, colour: SIMD3<Float>, paint: Int?,
    drawing random: inout RandomStream
  ) {
    self.depth = Float(depth)
    self.colour = SIMD4(colour, 1)
    self.paint = paint.map { Int32($0) }
    var peak: Float = 1
    if r >= Leaf.smallestShaded {
      let (s, c) = ExactMath.sincos(random.uniform(0, 2 * .pi))
      let most = random.uniform(0, 0.35)
      shade = SIMD4(SIMD3(c, s, -(c * x + s * y)) * (most / r), most).floats
      if paint == nil && random.chance(0.75) { addGrain(&random) }
      peak = (1 + Float(most)) * (1 + strength)
    }
    // A paint is within the range as it is; a colour may reach its end before it is shaded.
    let room = paint == nil ? Leaf.brightest / (colour.max() * peak) : 1 / peak
    self.colour *= min(1, room)
  }

  private mutating func addGrain(_ random: inout RandomStream) {
    let (s, c) = ExactMath.sincos(random.uniform(0, .pi))
    let scale = ExactMath.exp(random.uniform(-0.9, 0.7))
    let stretch = random.chance(0.5) ? 1 : ExactMath.exp(random.uniform(0, 2.2))
    matrix = SIMD4(scale * c, scale * s, -scale * s / stretch, scale * c / stretch).floats
    offset = SIMD2(Float(random.uniform(0, 512)), Float(random.uniform(0, 512)))
    strength = Float(ExactMath.exp(random.uniform(-3.2, -0.6)))
  }

  /// The light at a pixel; the last lane means nothing.
  @inline(__always)
  func light(
    _ x: Int, _ y: Int, _ paints: UnsafePointer<LeafPaint>, _ tiles: TextureTiles.View
  ) -> SIMD4<Float> {
    let (fx, fy) = (Float(x) + 0.5, Float(y) + 0.5)
    let slope = shade.x * fx + shade.y * fy + shade.z
    var gain = 1 + min(max(slope, -shade.w), shade.w)
    if let paint { return paints[Int(paint)].light(x, y, tiles) * (gain * colour) }
    if strength > 0 {
      let place = SIMD2(
        matrix.x * fx + matrix.y * fy + offset.x, matrix.z * fx + matrix.w * fy + offset.y)
      gain *= 1 + strength * (2 * tiles.value(tile: Leaf.grainTile, place) - 1)
    }
    return colour * gain
  }
}

extension SIMD4<Double> {
  fileprivate var floats: SIMD4<Float> { SIMD4<Float>(Float(x), Float(y), Float(z), Float(w)) }
}
