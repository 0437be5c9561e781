import Basics

/// How the surface of a large leaf is painted.
///
/// - Source: Achddou et al. 2025 (VibrantLeaves): one in twenty a slope between two colours, the others
///   textured, of which one in six mixes two textures by a mask; half bent, half in perspective.
struct LeafPaint {
  /// The share of slopes, and of mixtures among the textures.
  private static let (slopes, mixtures) = (0.05, 0.17)

  private let map: TextureMap
  private var first: Texture
  private var second: Texture
  /// Where the second texture shows.
  private var mask = Waves()
  private var isMixture = false

  /// Draws a paint round a colour for a leaf of radius `r` pixels.
  init(
    x: Double, y: Double, r: Double, colour: SIMD3<Float>, palette: Palette, scale: Double,
    drawing random: inout RandomStream
  ) {
    map = TextureMap(x: x, y: y, r: r, scale: scale, drawing: &random)
    func texture(_ colour: SIMD3<Float>) -> Texture {
      Texture.drawn(colour: colour, palette: palette, scale: scale, drawing: &random)
    }
    let isSlope = random.chance(LeafPaint.slopes)
    first =
      isSlope
      ? Texture.slope(from: colour, to: palette.pick(&random), r: r, drawing: &random)
      : texture(colour)
    second = first
    guard !isSlope && random.chance(LeafPaint.mixtures) else { return }
    second = texture(palette.pick(&random))
    mask = Waves.mask(scale: scale, drawing: &random)
    isMixture = true
  }

  /// The light at a pixel.
  @inline(__always)
  func light(_ x: Int, _ y: Int, _ tiles: TextureTiles.View) -> SIMD4<Float> {
    let p = map.place(x, y, tiles)
    let light = first.light(p, tiles)
    return isMixture ? light + (second.light(p, tiles) - light) * mask.value(p) : light
  }
}
