import Basics
import Images

/// Falling snow: flakes at three depths, the near ones out of focus, and the veil between them.
///
/// In linear light each layer covers what is behind it, I = (1 - a) J + a L, with L the light of a
/// flake seen through the veil before it. On sRGB codes the flakes are blended over without a veil.
///
/// - Source: Liu et al. 2018 (DesnowNet, Snow100K) for the mask model; Chen et al. 2020 and 2021
///   (SRRS, CSD) for the veil. Their masks were drawn by hand; these are not theirs.
struct Snow: Degradation {
  static let name = "snow"
  static let stage = Stage.medium
  static let notes = DegradationNotes(
    summary: "Falling snow: flakes at three depths, the near ones out of focus, and a veil.",
    source: "Liu et al. 2018 (Snow100K) for the model; Chen et al. 2020 (SRRS) for the veil",
    severity: "coverage 2, 6, 12, 20, 32 % of the pixels; veil 0.98 ... 0.76 mean transmission",
    parameters: [
      .init(name: "coverage", range: "0...1", meaning: "share of pixels that flakes cover"),
      .init(name: "size", unit: "pixels", range: "0.001...128", meaning: "radius in the middle"),
      .init(name: "angle", unit: "degrees", range: "-90...90", meaning: "from the vertical"),
      .init(name: "streak", unit: "radii", range: "0...20", meaning: "way during the exposure"),
      .init(name: "density", range: "0...2", meaning: "factor on the opacities"),
      .init(name: "light", unit: "sRGB", range: "3 x 0...1", meaning: "light of a flake"),
      .init(name: "beta", range: "0...100", meaning: "extinction of the veil"),
      .init(name: "airlight", unit: "sRGB", range: "3 x 0...1", meaning: "colour of the veil"),
    ])
  private static let coverage = SeverityScale(
    neutral: 0, levels: [0.02, 0.06, 0.12, 0.20, 0.32])
  private static let veilMean = SeverityScale(neutral: 1, levels: [0.98, 0.94, 0.89, 0.83, 0.76])

  /// The share of pixels that flakes cover.
  private let coverage: Double
  private let shape: FlakeShape
  /// The light of a flake as sRGB values.
  private let light: [Double]
  private let veil: Veil

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    coverage = Snow.coverage(severity).rounded(places: 6)
    shape = FlakeShape(drawing: &random, scale: scene.scale)
    let brightness = random.uniform(0.92, 0.985)
    light = [brightness - 0.01, brightness, brightness + 0.015].map { $0.rounded(places: 4) }
    let gray = brightness - random.uniform(0.06, 0.22)
    let mean = Snow.veilMean(severity)
    let beta = space == .linear ? Veil.beta(forMean: mean, optical: scene.depth) : 0
    veil = Veil(
      beta: beta.rounded(places: 6),
      airlight: [gray - 0.01, gray, gray + 0.015].map { $0.rounded(places: 4) },
      heterogeneity: 0, pattern: 0)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Snow.name, json: parameters)
    coverage = try reader.number("coverage", in: 0...1)
    shape = try FlakeShape(reader)
    light = try reader.numbers("light", count: 3, in: 0...1)
    veil = Veil(
      beta: try reader.number("beta", in: 0...100),
      airlight: try reader.numbers("airlight", count: 3, in: 0...1), heterogeneity: 0, pattern: 0)
  }

  var parameters: JSON {
    .object(
      [.init("coverage", .number(coverage))] + shape.members + [
        .init("light", .numbers(light)), .init("beta", .number(veil.beta)),
        .init("airlight", .numbers(veil.airlight)),
      ])
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let flakes = flakes(scene, random)
    flakes.compose(onto: &image, light: light, veil: veil)
    return flakes.coverage
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    switch kind {
    case .mask: Plane(.floats(flakes(scene, random).opacity()), of: scene)
    case .transmission where veil.beta > 0: Plane(.floats(veil.transmission(scene)), of: scene)
    default: nil
    }
  }

  private func flakes(_ scene: Scene, _ random: RandomStream) -> ParticleLayers {
    SnowField(shape, scene: scene).layers(covering: coverage, scene: scene, random: random)
  }
}

extension FlakeShape {
  /// Draws a snowfall: from fine to large flakes; half of them nearly frozen, half as streaks.
  init(drawing random: inout RandomStream, scale: Double) {
    size = (random.uniform(1.5, 2.7) * scale).rounded(places: 3)
    angle = min(max(random.normal() * 18, -60), 60).rounded(places: 2)
    let frozen = random.chance(0.5)
    streak = (frozen ? random.uniform(0, 1) : random.uniform(1, 5)).rounded(places: 3)
    density = random.uniform(0.85, 1.15).rounded(places: 4)
  }

  init(_ reader: ParameterReader) throws(Problem) {
    // Flakes of no size would never cover a picture; larger ones than any severity cost time.
    size = try reader.number("size", in: 0.001...128)
    angle = try reader.number("angle", in: -90...90)
    streak = try reader.number("streak", in: 0...20)
    density = try reader.number("density", in: 0...2)
  }

  var members: [JSON.Member] {
    [
      .init("size", .number(size)), .init("angle", .number(angle)),
      .init("streak", .number(streak)), .init("density", .number(density)),
    ]
  }
}
