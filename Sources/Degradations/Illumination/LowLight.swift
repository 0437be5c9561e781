import Basics
import Images

/// A picture taken in too little light.
///
/// In linear light: l' = l 2^-EV g(x) tint with a smooth illumination g, then, behind the lens, shot
/// and read noise of the sensitivity that such a camera would choose, and a 12-bit converter. On sRGB
/// codes: the curve beta (alpha s)^gamma and white noise, as published sets were made.
///
/// - Source: Brooks et al. 2019 for read noise against shot noise; Lore et al. 2017 (LLNet) and Lv et
///   al. 2018 (MBLLEN) for the curve. The camera raises its gain by about half of the missing light.
struct LowLight: Degradation {
  static let name = "low-light"
  static let stage = Stage.illumination
  static let lateStage: Stage? = .sensor
  static let notes = DegradationNotes(
    summary:
      "A picture taken in too little light, with the noise of a sensor that makes up for it.",
    source: "Brooks et al. 2019 for the noise; LLNet and MBLLEN for the curve on sRGB codes",
    severity: "exposure lowered by 1.5, 2.5, 3.5, 4.5, 6 stops",
    parameters: [
      .init(name: "ev", unit: "stops", range: "0...20", meaning: "the missing light"),
      .init(name: "tint", range: "3 x 0...10", meaning: "gains of red, green and blue"),
      .init(name: "unevenness", unit: "stops", range: "0...10", meaning: "of the illumination"),
      .init(name: "pattern", range: "0...2^32-1", meaning: "number of the illumination's field"),
      .init(name: "shot", range: "0...1", meaning: "variance of shot noise at full light"),
      .init(name: "read", range: "0...1", meaning: "variance of read noise"),
      .init(name: "bits", range: "1...16", meaning: "of the converter"),
      .init(name: "alpha", range: "0...1", meaning: "on sRGB codes: beta (alpha s)^gamma"),
      .init(name: "beta", range: "0...1", meaning: "see alpha"),
      .init(name: "gamma", range: "0...20", meaning: "see alpha"),
      .init(name: "sigma", unit: "8-bit codes", range: "0...255", meaning: "noise of that form"),
    ])
  /// The missing light in stops.
  private static let stops = SeverityScale(neutral: 0, levels: [1.5, 2.5, 3.5, 4.5, 6])

  private enum Darkening: Sendable {
    case exposure(DimLight)
    case curve(DarkCurve)
  }
  private let darkening: Darkening

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    let ev = LowLight.stops(severity).rounded(places: 6)
    darkening =
      space == .linear ? .exposure(DimLight(ev, &random)) : .curve(DarkCurve(ev, &random))
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: LowLight.name, json: parameters)
    darkening =
      parameters["gamma"] == nil ? .exposure(try DimLight(reader)) : .curve(try DarkCurve(reader))
  }

  var parameters: JSON {
    switch darkening {
    case .exposure(let light): light.parameters
    case .curve(let curve): curve.parameters
    }
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    switch darkening {
    case .exposure(let light): light.dim(&image, scene)
    case .curve(let curve):
      PixelKernels.curve(
        &image.pixels, gain: curve.alpha, power: curve.gamma, scale: curve.beta)
    }
    return nil
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    guard kind == .illumination, case .exposure(let light) = darkening else { return nil }
    return Plane(.floats(light.illumination(scene)), of: scene)
  }

  func applyLate(to image: inout Image, scene: Scene, random: RandomStream) {
    switch darkening {
    case .exposure(let light):
      PixelKernels.addNoise(&image.pixels, shot: light.shot, read: light.read, random: random)
      PixelKernels.quantise(&image.pixels, steps: Float((1 << light.bits) - 1))
    case .curve(let curve):
      let deviation = curve.sigma / 255
      PixelKernels.addNoise(&image.pixels, shot: 0, read: deviation * deviation, random: random)
      PixelKernels.clamp(&image.pixels)
    }
  }
}

/// Less light, of a colour and unevenly spread, and the noise of a sensor that makes up for it.
private struct DimLight: Sendable {
  let ev: Double
  /// Gains of red, green and blue.
  let tint: [Double]
  /// The unevenness of the light in stops, and the number of its field.
  let unevenness: Double
  let pattern: Int
  /// The variance at light l is shot l + read, for full scale 1.
  let shot: Double
  let read: Double
  let bits: Int

  init(_ ev: Double, _ random: inout RandomStream) {
    self.ev = ev
    // Level 1 begins at 1.5 stops; below, all that comes with the dark goes to nothing with it.
    let share = min(1, ev / 1.5)
    let warm = share * (0.1 + 0.15 * random.normal())
    let green = share * 0.04 * random.normal()
    tint = [warm, green, -warm].map { ExactMath.pow(2, min(max($0, -1), 1)).rounded(places: 4) }
    unevenness = (share * random.uniform(0, 0.5)).rounded(places: 4)
    pattern = Int(random.next32())
    let gain = ExactMath.pow(2, 0.45 * ev + 0.4 * random.normal())
    shot = (2e-4 * gain * share).rounded(places: 9)
    let logRead = 2.18 * ExactMath.log(max(shot, 1e-9)) + 1.20 + 0.26 * random.normal()
    read = ExactMath.exp(logRead).rounded(places: 12)
    bits = 12
  }

  init(_ reader: ParameterReader) throws(Problem) {
    ev = try reader.number("ev", in: 0...20)
    tint = try reader.numbers("tint", count: 3, in: 0...10)
    unevenness = try reader.number("unevenness", in: 0...10)
    pattern = try reader.whole("pattern", in: 0...Int(UInt32.max))
    shot = try reader.number("shot", in: 0...1)
    read = try reader.number("read", in: 0...1)
    bits = try reader.whole("bits", in: 1...16)
  }

  var parameters: JSON {
    [
      "ev": .number(ev), "tint": .numbers(tint), "unevenness": .number(unevenness),
      "pattern": .integer(pattern), "shot": .number(shot), "read": .number(read),
      "bits": .integer(bits),
    ]
  }

  func dim(_ image: inout Image, _ scene: Scene) {
    let exposure = ExactMath.pow(2, -ev)
    PixelKernels.illuminate(
      &image.pixels, map: illumination(scene), gain: tint.map { Float($0 * exposure) })
  }

  /// The light on each pixel; its mean is 1.
  func illumination(_ scene: Scene) -> [Float] {
    let count = scene.width * scene.height
    if unevenness == 0 { return [Float](repeating: 1, count: count) }
    let field = FractalField(
      width: scene.width, height: scene.height, cells: 1.5, octaves: 2, hurst: 1,
      random: RandomStream(seed: UInt64(pattern)))
    let light = PixelKernels.decay(field.values, rate: unevenness * 0.6931471805599453)
    let mean = Float(light.reduce(0) { $0 + Double($1) } / Double(count))
    return light.map { $0 / mean }
  }
}

/// A tone curve that looks dark: beta (alpha s)^gamma on sRGB codes, and noise in codes.
private struct DarkCurve: Sendable {
  let alpha: Double
  let beta: Double
  let gamma: Double
  let sigma: Double

  /// The six stops of level 5 are the end of the published range of gamma, 2 to 5.
  init(_ ev: Double, _ random: inout RandomStream) {
    alpha = random.uniform(0.9, 1).rounded(places: 4)
    beta = random.uniform(0.5, 1).rounded(places: 4)
    gamma = (1 + ev * 2 / 3).rounded(places: 6)
    sigma = random.uniform(1, 5).rounded(places: 4)
  }

  init(_ reader: ParameterReader) throws(Problem) {
    alpha = try reader.number("alpha", in: 0...1)
    beta = try reader.number("beta", in: 0...1)
    gamma = try reader.number("gamma", in: 0...20)
    sigma = try reader.number("sigma", in: 0...255)
  }

  var parameters: JSON {
    [
      "alpha": .number(alpha), "beta": .number(beta), "gamma": .number(gamma),
      "sigma": .number(sigma),
    ]
  }
}
