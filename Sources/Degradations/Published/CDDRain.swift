import Basics
import Images

/// Rain as CDD-11 has it: a gray mask of streaks, added to the codes.
///
/// The set drew its masks from rendered streaks in dense, middle and sparse layers; these are the
/// streaks of `RainStreak`, hidden by nothing, of the same strengths.
struct CDDRain: Degradation {
  static let name = "rain-streak"
  static let stage = Stage.medium
  static let notes = DegradationNotes(
    summary: "Rain as CDD-11 has it: a gray mask of streaks, added to the codes.",
    source: "Guo et al. 2024 (OneRestore); the mask is an approximation of theirs",
    severity: "coverage 14, 22, 30, 38, 46 % of the pixels",
    parameters: [
      .init(name: "form", range: "cdd", meaning: "the published form"),
      .init(name: "coverage", range: "0...1", meaning: "share of pixels that streaks cover"),
      .init(name: "angle", unit: "degrees", range: "-60...60", meaning: "from the vertical"),
      .init(name: "length", unit: "pixels", range: "0...4096", meaning: "of the nearest streaks"),
      .init(name: "width", unit: "pixels", range: "0...512", meaning: "of the nearest streaks"),
      .init(name: "opacity", range: "0...1", meaning: "strength of a streak"),
    ])

  private let coverage: Double
  private let shape: StreakShape

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    coverage = (0.1 + 0.4 * severity).rounded(places: 6)
    shape = StreakShape(
      angle: min(max(random.normal() * 12, -40), 40).rounded(places: 2),
      length: (random.uniform(22, 48) * scene.scale).rounded(places: 3),
      width: (random.uniform(1.2, 2.4) * scene.scale).rounded(places: 3),
      opacity: random.uniform(0.2, 0.45).rounded(places: 4))
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: CDDRain.name, json: parameters)
    coverage = try reader.number("coverage", in: 0...1)
    shape = StreakShape(
      angle: try reader.number("angle", in: -60...60),
      length: try reader.number("length", in: 0...4096),
      width: try reader.number("width", in: 0...512),
      opacity: try reader.number("opacity", in: 0...1))
  }

  var parameters: JSON {
    [
      "form": "cdd", "coverage": .number(coverage), "angle": .number(shape.angle),
      "length": .number(shape.length), "width": .number(shape.width),
      "opacity": .number(shape.opacity),
    ]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let streaks = streaks(scene, random)
    CDD.addRain(&image, mask: streaks.summedOpacity())
    return streaks.coverage
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    kind == .mask ? Plane(.floats(streaks(scene, random).summedOpacity()), of: scene) : nil
  }

  private func streaks(_ scene: Scene, _ random: RandomStream) -> ParticleLayers {
    let open = Scene(width: scene.width, height: scene.height)
    return StreakField(shape).layers(covering: coverage, scene: open, random: random)
  }
}
