import Basics
import Images

/// Snow as CDD-11 has it: a mask blended over the codes in white.
///
/// The set took the masks of Snow100K, drawn by hand; these are the flakes of `Snow`, hidden by
/// nothing and without a veil.
struct CDDSnow: Degradation {
  static let name = "snow"
  static let stage = Stage.medium
  static let notes = DegradationNotes(
    summary: "Snow as CDD-11 has it: a mask blended over the codes in white.",
    source: "Guo et al. 2024 (OneRestore); the mask is an approximation of theirs",
    severity: "coverage 5, 11, 17, 23, 29 % of the pixels",
    parameters: [
      .init(name: "form", range: "cdd", meaning: "the published form"),
      .init(name: "coverage", range: "0...1", meaning: "share of pixels that flakes cover"),
      .init(name: "size", unit: "pixels", range: "0.001...128", meaning: "radius in the middle"),
      .init(name: "angle", unit: "degrees", range: "-90...90", meaning: "from the vertical"),
      .init(name: "streak", unit: "radii", range: "0...20", meaning: "way during the exposure"),
      .init(name: "density", range: "0...2", meaning: "factor on the opacities"),
    ])

  private let coverage: Double
  private let shape: FlakeShape

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    coverage = (0.02 + 0.3 * severity).rounded(places: 6)
    shape = FlakeShape(drawing: &random, scale: scene.scale)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: CDDSnow.name, json: parameters)
    coverage = try reader.number("coverage", in: 0...1)
    shape = try FlakeShape(reader)
  }

  var parameters: JSON {
    .object([.init("form", "cdd"), .init("coverage", .number(coverage))] + shape.members)
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let flakes = flakes(scene, random)
    CDD.coverWithSnow(&image, clear: flakes.allClear)
    return flakes.coverage
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    kind == .mask ? Plane(.floats(flakes(scene, random).opacity()), of: scene) : nil
  }

  private func flakes(_ scene: Scene, _ random: RandomStream) -> ParticleLayers {
    let open = Scene(width: scene.width, height: scene.height)
    return SnowField(shape, scene: open).layers(covering: coverage, scene: open, random: random)
  }
}
