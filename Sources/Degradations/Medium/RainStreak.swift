import Basics
import Images

/// Falling rain: streaks at several depths, and the veil of all the drops too far to be seen singly.
///
/// In linear light each layer covers what is behind it, I = (1 - a) J + a L, with L the light of a
/// drop seen through the veil before it. On sRGB codes streaks are added, I = J + a L, without a
/// veil, as published sets were made.
///
/// - Source: Garg and Nayar 2007 for the covering; Weber et al. for the veil; Yang et al. 2017
///   (Rain100) for the sum. Opacities are 5 to 20 times the physical ones, as in all published sets.
struct RainStreak: Degradation {
  static let name = "rain-streak"
  static let stage = Stage.medium
  static let notes = DegradationNotes(
    summary: "Falling rain: streaks at several depths, and the veil of drops too far to be seen.",
    source:
      "Garg and Nayar 2007; Weber et al. for the veil; Yang et al. 2017 (Rain100) on sRGB codes",
    severity: "coverage 3, 8, 15, 25, 40 % of the pixels; veil 0.95 ... 0.6 mean transmission",
    parameters: [
      .init(name: "model", range: "layered, additive", meaning: "in linear light, on sRGB codes"),
      .init(name: "coverage", range: "0...1", meaning: "share of pixels that streaks cover"),
      .init(name: "angle", unit: "degrees", range: "-60...60", meaning: "from the vertical"),
      .init(name: "length", unit: "pixels", range: "0...4096", meaning: "of the nearest streaks"),
      .init(name: "width", unit: "pixels", range: "0...512", meaning: "of the nearest streaks"),
      .init(name: "opacity", range: "0...1", meaning: "of a streak"),
      .init(name: "light", unit: "sRGB", range: "3 x 0...1", meaning: "light of a drop"),
      .init(name: "beta", range: "0...100", meaning: "extinction of the veil"),
      .init(name: "airlight", unit: "sRGB", range: "3 x 0...1", meaning: "colour of the veil"),
    ])
  private static let coverage = SeverityScale(
    neutral: 0, levels: [0.03, 0.08, 0.15, 0.25, 0.40])
  private static let veilMean = SeverityScale(neutral: 1, levels: [0.95, 0.86, 0.78, 0.69, 0.6])

  private enum Model: String, CaseIterable { case layered, additive }
  private let model: Model
  /// The share of pixels that streaks cover.
  private let coverage: Double
  private let shape: StreakShape
  /// The light of a drop as sRGB values.
  private let light: [Double]
  private let veil: Veil

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    model = space == .linear ? .layered : .additive
    coverage = RainStreak.coverage(severity).rounded(places: 6)
    let scale = scene.scale
    shape = StreakShape(
      angle: min(max(random.normal() * 12, -40), 40).rounded(places: 2),
      length: (random.uniform(22, 48) * scale).rounded(places: 3),
      width: (random.uniform(1.4, 2.6) * scale).rounded(places: 3),
      opacity: random.uniform(0.3, 0.55).rounded(places: 4))
    let brightness = random.uniform(0.78, 0.97)
    light = [brightness - 0.01, brightness, brightness + 0.015].map { $0.rounded(places: 4) }
    let gray = random.uniform(0.6, 0.85)
    let mean = RainStreak.veilMean(severity)
    let beta = space == .linear ? Veil.beta(forMean: mean, optical: scene.depth) : 0
    veil = Veil(
      beta: beta.rounded(places: 6),
      airlight: [gray - 0.01, gray, gray + 0.01].map { $0.rounded(places: 4) },
      heterogeneity: 0, pattern: 0)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: RainStreak.name, json: parameters)
    model = try reader.choice("model")
    coverage = try reader.number("coverage", in: 0...1)
    shape = StreakShape(
      angle: try reader.number("angle", in: -60...60),
      length: try reader.number("length", in: 0...4096),
      width: try reader.number("width", in: 0...512),
      opacity: try reader.number("opacity", in: 0...1))
    light = try reader.numbers("light", count: 3, in: 0...1)
    veil = Veil(
      beta: try reader.number("beta", in: 0...100),
      airlight: try reader.numbers("airlight", count: 3, in: 0...1), heterogeneity: 0, pattern: 0)
  }

  var parameters: JSON {
    [
      "model": .string(model.rawValue), "coverage": .number(coverage),
      "angle": .number(shape.angle), "length": .number(shape.length),
      "width": .number(shape.width), "opacity": .number(shape.opacity), "light": .numbers(light),
      "beta": .number(veil.beta), "airlight": .numbers(veil.airlight),
    ]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let streaks = streaks(scene, random)
    switch model {
    case .layered: streaks.compose(onto: &image, light: light, veil: veil)
    case .additive:
      PixelKernels.add(
        &image.pixels, map: streaks.summedOpacity(), colour: Veil.light(light, in: image.space))
      PixelKernels.clamp(&image.pixels)
    }
    return streaks.coverage
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    switch (kind, model) {
    case (.mask, .layered): Plane(.floats(streaks(scene, random).opacity()), of: scene)
    case (.mask, .additive): Plane(.floats(streaks(scene, random).summedOpacity()), of: scene)
    case (.transmission, .layered): Plane(.floats(veil.transmission(scene)), of: scene)
    default: nil
    }
  }

  private func streaks(_ scene: Scene, _ random: RandomStream) -> ParticleLayers {
    StreakField(shape).layers(covering: coverage, scene: scene, random: random)
  }
}
