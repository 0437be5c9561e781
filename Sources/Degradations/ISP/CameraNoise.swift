import Basics
import Images

/// The noise of a camera at high sensitivity, as it looks after the camera's processing.
///
/// The picture is brought back to what the sensor held. Noise of variance shot l + read comes to each
/// pixel behind its colour filter, some to whole rows; it is demosaiced, balanced, brought to the
/// colours of sRGB and curved as the picture was. So it is coarser than a pixel, coloured, and strong
/// in the dark.
///
/// By default only the noise is demosaiced: a photograph went through its camera's own demosaicing,
/// at low sensitivity as well. The scope "picture" sends the picture through ours, too.
///
/// 640 pictures of 256x256 a second on one core.
///
/// - Source: Brooks et al. 2019 (ranges, colours, curves, read against shot noise); Wei et al. 2020
///   (ELD) for the rows, 0.05 to 0.2 of the read noise's deviation in five cameras.
struct CameraNoise: Degradation {
  static let name = "camera-noise"
  static let stage = Stage.isp
  static let notes = DegradationNotes(
    summary: "Shot, read and row noise of a sensor, seen through the camera's processing.",
    source: "Brooks et al. 2019 (unprocessing); Wei et al. 2020 (ELD) for the rows",
    severity: "shot noise 2e-4, 6e-4, 2e-3, 6e-3, 1.2e-2 of full scale",
    parameters: [
      .init(
        name: "shot", unit: "full scale", range: "0...1",
        meaning: "variance of light l is shot l + read"),
      .init(name: "read", unit: "full scale^2", range: "0...1", meaning: "variance without light"),
      .init(
        name: "row", unit: "full scale", range: "0...1",
        meaning: "deviation that a row's pixels have in common"),
      .init(name: "weights", range: "0.001...1", meaning: "shares of four cameras' colours"),
      .init(
        name: "gains", range: "0.1...10", meaning: "exposure, white balance of red and of blue"),
      .init(name: "pattern", range: "rggb, grbg, gbrg, bggr", meaning: "the filters' phase"),
      .init(
        name: "demosaicing", range: "bilinear, malvar, edge-aware",
        meaning: "how the colours that were not seen are found"),
      .init(
        name: "scope", range: "noise, picture",
        meaning: "what is demosaiced: the noise alone, or the picture with it"),
    ])
  private static let shot = SeverityScale(
    neutral: 0, levels: [2e-4, 6e-4, 2e-3, 6e-3, 1.2e-2], inLog: true)

  private enum Scope: String, CaseIterable { case noise, picture }
  /// The variance at light l is shot l + read, for full scale 1.
  private let shot: Double
  private let read: Double
  /// The deviation of what all pixels of a row have in common.
  private let row: Double
  /// Shares of four cameras' colours; their sum does not matter.
  private let weights: [Double]
  /// Exposure, white balance of red, and of blue.
  private let gains: [Double]
  private let pattern: FilterPattern
  private let demosaicing: Demosaicing
  private let scope: Scope

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    shot = CameraNoise.shot(severity).rounded(places: 9)
    let logRead = 2.18 * ExactMath.log(max(shot, 1e-9)) + 1.20 + 0.26 * random.normal()
    read = ExactMath.exp(logRead).rounded(places: 12)
    weights = (0..<4).map { _ in random.uniform(0.001, 1).rounded(places: 3) }
    gains = [
      1 / min(max(0.8 + 0.1 * random.normal(), 0.4), 1.2), random.uniform(1.9, 2.4),
      random.uniform(1.5, 1.9),
    ].map { $0.rounded(places: 4) }
    pattern = FilterPattern.allCases[random.integer(below: 4)]
    demosaicing = random.chance(0.5) ? .malvar : .bilinear
    let share = random.chance(0.5) ? 0.05 * ExactMath.pow(4, random.uniform()) : 0
    row = (share * read.squareRoot()).rounded(places: 9)
    scope = .noise
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: CameraNoise.name, json: parameters)
    shot = try reader.number("shot", in: 0...1)
    read = try reader.number("read", in: 0...1)
    row = try reader.number("row", in: 0...1)
    weights = try reader.numbers("weights", count: 4, in: 0.001...1)
    gains = try reader.numbers("gains", count: 3, in: 0.1...10)
    pattern = try reader.choice("pattern")
    demosaicing = try reader.choice("demosaicing")
    scope = try reader.choice("scope")
  }

  var parameters: JSON {
    [
      "shot": .number(shot), "read": .number(read), "row": .number(row),
      "weights": .numbers(weights), "gains": .numbers(gains), "pattern": .string(pattern.rawValue),
      "demosaicing": .string(demosaicing.rawValue), "scope": .string(scope.rawValue),
    ]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let camera = CameraPipeline(
      weights: weights, gains: SIMD3(gains[1], 1, gains[2]) * gains[0])
    camera.unprocess(&image)
    let balance = (0..<3).map { camera.gains[$0] }
    let clean = BayerMosaic(of: image, pattern: pattern, gains: balance.map { 1 / $0 })
    var noisy = exposed(clean, random)
    if scope == .noise { noisy.subtract(clean) }
    let seen = noisy.demosaiced(demosaicing, gains: balance)
    image.takePixels(seen, rowLength: 3 * noisy.width, adding: scope == .noise)
    camera.process(&image)
    return nil
  }

  /// What the sensor holds after one exposure; a full pixel holds 1.
  private func exposed(_ clean: BayerMosaic, _ random: RandomStream) -> BayerMosaic {
    var mosaic = clean
    PixelKernels.addNoise(&mosaic.values, shot: shot, read: read, random: random)
    var rows = [Float](repeating: 0, count: mosaic.height)
    if row > 0 {
      PixelKernels.addNoise(
        &rows, shot: 0, read: row * row, random: random.substream(random.stream + 1))
    }
    mosaic.values.withUnsafeMutableBufferPointer { values in
      for y in 0..<rows.count {
        for i in y * clean.width..<(y + 1) * clean.width { values[i] = min(values[i] + rows[y], 1) }
      }
    }
    return mosaic
  }
}
