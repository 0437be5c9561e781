import Basics
import Images

/// What a sensor behind a colour filter array sees, as the raw values or after a weak demosaicing.
///
/// In linear light the red and blue filters pass less light, as their white balance gains say, so that
/// their shot noise is stronger after the balance. On sRGB codes, as published sets are made, there is
/// no balance. A mosaic is whole at any severity; from level 1 on shot noise comes to it.
///
/// Odd sides are not cropped to even ones: the mosaic goes on mirrored, so that lq is as large as gt and
/// the filters keep their phase. A side of one pixel has no filter beside it to learn from: chains
/// refuse such a picture.
///
/// 11,000 pictures of 256x256 a second bilinear on codes, 7,500 with noise, on one core with AVX-512.
///
/// - Source: DCPT and MaskDCPT (edge-aware, on codes), whose pictures come back with red and blue
///   exchanged: here each channel is where it was. Malvar, He and Cutler 2004.
struct Mosaic: Degradation {
  static let name = "mosaic"
  static let stage = Stage.sensor
  static let smallestSide = 2
  static let notes = DegradationNotes(
    summary: "One colour for each pixel, as behind a sensor's filters, and a weak demosaicing.",
    source: "MaskDCPT (its 10D set), with red and blue in place; Malvar et al. 2004",
    severity: "shot noise 0, 2e-4, 6e-4, 2e-3, 6e-3 of full scale, on a mosaic that is whole",
    parameters: [
      .init(
        name: "form", range: "bilinear, malvar, edge-aware, zero-filled, one-channel",
        meaning: "how the colours that were not seen are filled in"),
      .init(name: "pattern", range: "rggb, grbg, gbrg, bggr", meaning: "the filters' phase"),
      .init(
        name: "shot", unit: "full scale", range: "0...1", meaning: "variance of light l is shot l"),
      .init(
        name: "gains", range: "1...10",
        meaning: "white balance of red and blue, which their noise follows"),
    ])
  /// Shot noise from level 2 on; level 1 has none, which no logarithm reaches.
  private static let fromLevel2 = SeverityScale(
    neutral: 0, levels: [2e-4, 2e-4, 6e-4, 2e-3, 6e-3], inLog: true)

  private enum Form: String, CaseIterable {
    case bilinear
    case malvar
    case edgeAware = "edge-aware"
    case zeroFilled = "zero-filled"
    case oneChannel = "one-channel"
  }
  private let form: Form
  private let pattern: FilterPattern
  /// The variance at light l is shot l, for full scale 1.
  private let shot: Double
  /// White balance of red and blue; that of green is 1.
  private let gains: [Double]

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    form = .bilinear
    pattern = FilterPattern.allCases[random.integer(below: 4)]
    let balance = [random.uniform(1.9, 2.4), random.uniform(1.5, 1.9)]
    gains = space == .linear ? balance.map { $0.rounded(places: 4) } : [1, 1]
    shot = Mosaic.shot(at: severity).rounded(places: 9)
  }

  /// Linear from level 1, where there is none, to level 2; in the logarithm beyond.
  private static func shot(at severity: Double) -> Double {
    severity < 0.3 ? max(severity - 0.1, 0) / 0.2 * fromLevel2.levels[1] : fromLevel2(severity)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Mosaic.name, json: parameters)
    form = try reader.choice("form")
    pattern = try reader.choice("pattern")
    shot = try reader.number("shot", in: 0...1)
    gains = try reader.numbers("gains", count: 2, in: 1...10)
  }

  var parameters: JSON {
    [
      "form": .string(form.rawValue), "pattern": .string(pattern.rawValue),
      "shot": .number(shot), "gains": .numbers(gains),
    ]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let balance = [Float(gains[0]), 1, Float(gains[1])]
    var mosaic = BayerMosaic(of: image, pattern: pattern, gains: balance.map { 1 / $0 })
    if shot > 0 { PixelKernels.addNoise(&mosaic.values, shot: shot, read: 0, random: random) }
    image.takePixels(pixels(of: mosaic, balance), rowLength: 3 * mosaic.width)
    PixelKernels.clamp(&image.pixels)
    return nil
  }

  private func pixels(of mosaic: BayerMosaic, _ balance: [Float]) -> [Float] {
    if let method = Demosaicing(rawValue: form.rawValue) {
      return mosaic.demosaiced(method, gains: balance)
    }
    var mosaic = mosaic
    mosaic.multiply(by: balance)
    return form == .zeroFilled ? mosaic.zeroFilled() : mosaic.values.flatMap { [$0, $0, $0] }
  }
}
