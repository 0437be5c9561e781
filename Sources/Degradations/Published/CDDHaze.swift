import Basics
import Images

/// Haze as CDD-11 has it: gray, by a blurred depth that is cut off at 0.7, so that skies keep contrast.
///
/// Severity goes over the published range of beta, so even draws of it follow the set.
struct CDDHaze: Degradation {
  static let name = "haze"
  static let stage = Stage.medium
  static let notes = DegradationNotes(
    summary: "Haze as CDD-11 has it: gray, by a blurred depth that is cut off at 0.7.",
    source: "Guo et al. 2024 (OneRestore)",
    severity: "beta 1.1, 1.3, 1.5, 1.7, 1.9",
    parameters: [
      .init(name: "form", range: "cdd", meaning: "the published form"),
      .init(name: "beta", range: "0...100", meaning: "extinction over the greatest depth"),
      .init(name: "airlight", range: "0...1", meaning: "gray of the haze"),
    ])

  private let beta: Double
  private let airlight: Double

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    beta = (1 + severity).rounded(places: 6)
    airlight = random.uniform(0.6, 0.9).rounded(places: 6)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: CDDHaze.name, json: parameters)
    beta = try reader.number("beta", in: 0...100)
    airlight = try reader.number("airlight", in: 0...1)
  }

  var parameters: JSON {
    ["form": "cdd", "beta": .number(beta), "airlight": .number(airlight)]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let transmission = CDD.transmission(scene, beta: beta)
    CDD.addHaze(&image, transmission: transmission, airlight: airlight)
    PixelKernels.clamp(&image.pixels)
    return nil
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    kind == .transmission ? Plane(.floats(CDD.transmission(scene, beta: beta)), of: scene) : nil
  }
}
