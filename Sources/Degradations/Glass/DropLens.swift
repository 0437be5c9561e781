import Images

/// What a drop of water on a pane shows: the picture behind, small and upside down.
///
/// A ray that leaves the water where its surface leans by the angle a is bent by
/// asin(1.33 sin a) - a towards the drop's middle and meets the scene on the other side. Steep places
/// gather much scene into few pixels, so they read from coarser copies of the picture.
struct DropLens {
  /// The sine of the surface's angle at the edge of a drop.
  let edge: Float
  /// The distance of the scene behind the pane, in pixels.
  let distance: Float
  private let blur: Float
  private let levels: [PictureLevel]

  /// Prepares the copies of a picture.
  ///
  /// - Parameter blur: The radius in pixels to which a point on the glass is spread.
  init(_ image: Image, edge: Double, distance: Double, blur: Double) {
    (self.edge, self.distance, self.blur) = (Float(edge), Float(distance), Float(max(blur, 1)))
    var levels = [PictureLevel(image)]
    for _ in 0..<6 { levels.append(levels[levels.count - 1].halved()) }
    self.levels = levels
  }

  /// The light that comes through the water at a pixel.
  func colour(x: Int, y: Int, _ place: DropField.Place) -> SIMD4<Float> {
    let slope = SIMD2(place.slopeX, place.slopeY) / place.field
    let size = (slope.x * slope.x + slope.y * slope.y).squareRoot()
    let bend = bending(min(size, 1.05) * edge)
    let back = size > 1e-6 ? slope * (bend * distance / size) : SIMD2(0, 0)
    let at = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - back
    // How many pixels of the scene go into one of the drop, about as many everywhere in it; the blur
    // of the drop goes over as many more.
    let shrink = bending(edge) * distance * place.field / max(place.radius, 1e-6)
    return sample(at, shrink: max(shrink * blur, 1))
  }

  /// The tangent of the angle by which a surface of the angle's sine `s` bends a ray.
  private func bending(_ s: Float) -> Float {
    let (c, t) = ((1 - s * s).squareRoot(), min(1.33 * s, 0.985))
    let d = (1 - t * t).squareRoot()
    return (t * c - d * s) / (d * c + t * s)
  }

  /// Mixes the two copies whose pixels are about as large as needed.
  private func sample(_ at: SIMD2<Float>, shrink: Float) -> SIMD4<Float> {
    var (level, size): (Int, Float) = (0, 1)
    while level < levels.count - 2 && shrink >= 2 * size { (level, size) = (level + 1, 2 * size) }
    let t = min(max(shrink / size - 1, 0), 1)
    let fine = levels[level].sample(at)
    return fine + (levels[level + 1].sample(at) - fine) * t
  }
}

/// A copy of a picture with pixels of a few picture's pixels, read between them.
private struct PictureLevel {
  private let width: Int
  private let height: Int
  /// The side of a pixel in pixels of the picture.
  private let size: Float
  private let pixels: [SIMD4<Float>]

  init(_ image: Image) {
    (width, height, size) = (image.width, image.height, 1)
    pixels = image.pixels.withUnsafeBufferPointer { p in
      (0..<image.width * image.height).map { SIMD4(p[3 * $0], p[3 * $0 + 1], p[3 * $0 + 2], 0) }
    }
  }

  private init(width: Int, height: Int, size: Float, pixels: [SIMD4<Float>]) {
    (self.width, self.height, self.size, self.pixels) = (width, height, size, pixels)
  }

  /// The means of 2x2 pixels; the last of an odd row or column counts twice.
  func halved() -> PictureLevel {
    let (w, h) = ((width + 1) / 2, (height + 1) / 2)
    var out: [SIMD4<Float>] = []
    out.reserveCapacity(w * h)
    for y in 0..<h {
      let (a, b) = (2 * y * width, min(2 * y + 1, height - 1) * width)
      for x in 0..<w {
        let (l, r) = (2 * x, min(2 * x + 1, width - 1))
        out.append(((pixels[a + l] + pixels[a + r]) + (pixels[b + l] + pixels[b + r])) * 0.25)
      }
    }
    return PictureLevel(width: w, height: h, size: 2 * size, pixels: out)
  }

  /// Reads bilinearly at a place given in pixels of the picture; mirrors beyond the border.
  func sample(_ at: SIMD2<Float>) -> SIMD4<Float> {
    let (u, v) = (folded(at.x / size, width), folded(at.y / size, height))
    let (x, y) = (Int(u), Int(v))
    let (s, t) = (u - Float(x), v - Float(y))
    let (right, below) = (min(x + 1, width - 1), min(y + 1, height - 1))
    let upper = pixels[y * width + x] * (1 - s) + pixels[y * width + right] * s
    let lower = pixels[below * width + x] * (1 - s) + pixels[below * width + right] * s
    return upper * (1 - t) + lower * t
  }

  /// The place among pixel centres 0...count-1 of a coordinate mirrored at both borders.
  private func folded(_ x: Float, _ count: Int) -> Float {
    let period = Float(2 * count)
    let turn = x / period
    let within = (turn - turn.rounded(.down)) * period
    let inside = within > Float(count) ? period - within : within
    return min(max(inside - 0.5, 0), Float(count - 1))
  }
}
