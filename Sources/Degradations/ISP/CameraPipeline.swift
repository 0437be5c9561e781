import Basics
import Images

/// What a camera does between its sensor and sRGB codes, and all of it undone.
///
/// Forwards: white balance, colours of the camera to colours of sRGB, gamma 2.2, tone curve.
///
/// - Source: Brooks et al. 2019, "Unprocessing Images for Learned Raw Denoising".
struct CameraPipeline {
  /// From the light of sRGB primaries to the camera's balanced colours; each row sums to 1.
  let toCamera: [SIMD3<Float>]
  /// Back again.
  let toRGB: [SIMD3<Float>]
  /// What red, green and blue are multiplied by, exposure and white balance together.
  let gains: SIMD3<Float>

  /// From XYZ to the colours of four cameras.
  private static let cameras: [[SIMD3<Double>]] = [
    [[1.0234, -0.2969, -0.2266], [-0.5625, 1.6328, -0.0469], [-0.0703, 0.2188, 0.6406]],
    [[0.4913, -0.0541, -0.0202], [-0.613, 1.3513, 0.2906], [-0.1564, 0.2151, 0.7183]],
    [[0.838, -0.263, -0.0639], [-0.2887, 1.0725, 0.2496], [-0.0627, 0.1427, 0.5438]],
    [[0.6596, -0.2079, -0.0562], [-0.4782, 1.3016, 0.1933], [-0.097, 0.1581, 0.5181]],
  ]
  /// From linear sRGB to XYZ, by columns.
  private static let primaries: [SIMD3<Double>] = [
    [0.4124564, 0.2126729, 0.0193339], [0.3575761, 0.7151522, 0.1191920],
    [0.1804375, 0.0721750, 0.9503041],
  ]

  /// Mixes the four cameras' colours by weights that need not sum to 1 but are not all 0.
  init(weights: [Double], gains: SIMD3<Double>) {
    let rows = (0..<3).map { row in
      let mixed = zip(weights, CameraPipeline.cameras).reduce(SIMD3<Double>()) {
        $0 + $1.0 * $1.1[row]
      }
      let sums = SIMD3(CameraPipeline.primaries.map { (mixed * $0).sum() })
      return sums / sums.sum()
    }
    toCamera = rows.map { SIMD3<Float>($0) }
    toRGB = CameraPipeline.inverse(of: rows).map { SIMD3<Float>($0) }
    self.gains = SIMD3<Float>(gains)
  }

  /// Cramer's rule: the columns of the inverse are cross products of the rows.
  private static func inverse(of m: [SIMD3<Double>]) -> [SIMD3<Double>] {
    let columns = [cross(m[1], m[2]), cross(m[2], m[0]), cross(m[0], m[1])]
    let determinant = (m[0] * columns[0]).sum()
    return (0..<3).map { SIMD3(columns[0][$0], columns[1][$0], columns[2][$0]) / determinant }
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(
      a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  /// Brings sRGB codes to the camera's balanced colours.
  ///
  /// Divided by the gains they are what the sensor held. Where the picture is white a sensor was full:
  /// there, above a gray of 0.9, the colours rise with the gains, so that the sensor holds 1.
  func unprocess(_ image: inout Image) {
    let columns = CameraPipeline.columns(of: toCamera)
    CameraPipeline.lights.withUnsafeBufferPointer { lights in
      image.forEachPixel { codes in
        let light = SIMD3(
          CameraPipeline.between(lights, codes.x), CameraPipeline.between(lights, codes.y),
          CameraPipeline.between(lights, codes.z))
        let camera = columns.0 * light.x + columns.1 * light.y + columns.2 * light.z
        let above = max(camera.sum() / 3 - 0.9, 0) * 10
        let full = (gains - 1) * (above * above) + 1
        return camera * full.replacing(with: 1, where: full .< 1)
      }
    }
  }

  /// Brings the camera's balanced colours to sRGB codes of 0...1.
  ///
  /// They are cut off at white first: full pixels times different gains would be pink.
  func process(_ image: inout Image) {
    let columns = CameraPipeline.columns(of: toRGB)
    CameraPipeline.codes.withUnsafeBufferPointer { codes in
      image.forEachPixel { camera in
        let cut = camera.replacing(with: 1, where: camera .> 1)
        let light = columns.0 * cut.x + columns.1 * cut.y + columns.2 * cut.z
        return SIMD3(
          CameraPipeline.between(codes, light.x), CameraPipeline.between(codes, light.y),
          CameraPipeline.between(codes, light.z))
      }
    }
  }

  private typealias Columns = (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)

  private static func columns(of rows: [SIMD3<Float>]) -> Columns {
    func column(_ i: Int) -> SIMD3<Float> { SIMD3(rows[0][i], rows[1][i], rows[2][i]) }
    return (column(0), column(1), column(2))
  }

  // MARK: Tone

  private static let steps = 4096

  /// Gamma 2.2, then the S-shaped tone curve 3 x^2 - 2 x^3, for each 4096th of full scale.
  private static let codes: [Float] = (0...steps).map {
    let x = ExactMath.pow(Double($0) / Double(steps), 1 / 2.2)
    return Float(x * x * (3 - 2 * x))
  }

  /// The inverse of `codes`.
  private static let lights: [Float] = (0...steps).map {
    let v = 1 - 2 * Double($0) / Double(steps)
    let angle = ExactMath.atan2(v, max(1 - v * v, 0).squareRoot())
    return Float(ExactMath.pow(max(0.5 - ExactMath.sin(angle / 3), 0), 2.2))
  }

  /// The sRGB code of an amount of light, which is clamped to 0...1.
  static func curve(_ light: Float) -> Float {
    codes.withUnsafeBufferPointer { between($0, light) }
  }

  /// The light of an sRGB code, which is clamped to 0...1.
  static func uncurve(_ code: Float) -> Float {
    lights.withUnsafeBufferPointer { between($0, code) }
  }

  @inline(__always)
  private static func between(_ table: UnsafeBufferPointer<Float>, _ x: Float) -> Float {
    let place = min(max(x, 0), 1) * Float(steps)
    let i = min(Int(place), steps - 1)
    return table[i] + (table[i + 1] - table[i]) * (place - Float(i))
  }
}

extension Image {
  /// Replaces each RGB pixel.
  @inline(__always)
  fileprivate mutating func forEachPixel(_ body: (SIMD3<Float>) -> SIMD3<Float>) {
    pixels.withUnsafeMutableBufferPointer { p in
      for i in stride(from: 0, to: p.count, by: 3) {
        let pixel = body(SIMD3(p[i], p[i + 1], p[i + 2]))
        (p[i], p[i + 1], p[i + 2]) = (pixel.x, pixel.y, pixel.z)
      }
    }
  }
}
