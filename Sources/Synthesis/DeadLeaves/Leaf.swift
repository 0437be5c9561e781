import Basics

/// How one leaf looks: a flat colour, shaded across, and grained when it is large.
struct Leaf {
  let colour: SIMD3<Float>
  let depth: Float
  /// The relative change of brightness from place to place, and its value at the origin.
  private var shade = SIMD3<Float>(0, 0, 0)
  /// From the raster to the grain: u = m0 x + m1 y + o0, v = m2 x + m3 y + o1.
  private var matrix = SIMD4<Float>(0, 0, 0, 0)
  private var offset = SIMD2<Float>(0, 0)
  private var strength: Float = 0

  /// Leaves below this radius, in raster places, are flat.
  private static let smallestShaded = 6.0

  init(
    x: Double, y: Double, r: Double, depth: Double, palette: Palette,
    drawing random: inout RandomStream
  ) {
    let pick = palette.colours[random.integer(below: palette.colours.count)]
    colour = pick * Float(random.uniform(0.85, 1.18))
    self.depth = Float(depth)
    if r < Leaf.smallestShaded { return }
    let (s, c) = ExactMath.sincos(random.uniform(0, 2 * .pi))
    let slope = random.uniform(0, 0.35) / r
    shade = SIMD3(Float(slope * c), Float(slope * s), Float(-slope * (c * x + s * y)))
    if random.chance(0.75) { addGrain(&random) }
  }

  /// Turns and stretches the grain: round grains look like stone, long ones like grass or brushwork.
  private mutating func addGrain(_ random: inout RandomStream) {
    let (s, c) = ExactMath.sincos(random.uniform(0, .pi))
    let scale = ExactMath.exp(random.uniform(-1.6, 0.7))
    let stretch = random.chance(0.5) ? 1 : ExactMath.exp(random.uniform(0, 2.2))
    matrix = SIMD4(
      Float(scale * c), Float(scale * s), Float(-scale * s / stretch), Float(scale * c / stretch))
    offset = SIMD2(Float(random.uniform(0, 512)), Float(random.uniform(0, 512)))
    strength = Float(ExactMath.exp(random.uniform(-4, -1.1)))
  }

  /// Returns the light at a place of the raster.
  @inline(__always)
  func light(_ x: Int, _ y: Int, _ grain: UnsafePointer<Float>) -> SIMD3<Float> {
    let (fx, fy) = (Float(x), Float(y))
    var gain = 1 + (shade.x * fx + shade.y * fy + shade.z)
    if strength > 0 {
      let u = Grain.place(matrix.x * fx + matrix.y * fy + offset.x)
      let v = Grain.place(matrix.z * fx + matrix.w * fy + offset.y)
      gain *= 1 + strength * grain[v * Grain.side + u]
    }
    return colour * max(gain, 0.05)
  }
}
