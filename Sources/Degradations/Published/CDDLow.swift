import Basics
import Images

/// Low light as CDD-11 has it: reflectance under the illumination raised to a power, with white noise.
///
/// Severity goes over the published range of gamma, so even draws of it follow the set. The light map
/// is the greatest channel, smoothed; the set took it from the solver LIME, which refines that map.
struct CDDLow: Degradation {
  static let name = "low-light"
  static let stage = Stage.illumination
  static let notes = DegradationNotes(
    summary: "Low light as CDD-11 has it: illumination raised to a power, and white noise.",
    source: "Guo et al. 2024 (OneRestore); the light map is an approximation of theirs",
    severity: "gamma 2.1, 2.3, 2.5, 2.7, 2.9",
    parameters: [
      .init(name: "form", range: "cdd", meaning: "the published form"),
      .init(name: "gamma", range: "0...20", meaning: "power of the illumination"),
      .init(name: "sigma", range: "0...1", meaning: "deviation of the noise"),
    ])

  private let gamma: Double
  private let sigma: Double

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    gamma = (2 + severity).rounded(places: 6)
    sigma = random.uniform(0.03, 0.08).rounded(places: 6)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: CDDLow.name, json: parameters)
    gamma = try reader.number("gamma", in: 0...20)
    sigma = try reader.number("sigma", in: 0...1)
  }

  var parameters: JSON {
    ["form": "cdd", "gamma": .number(gamma), "sigma": .number(sigma)]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let light = CDD.guidedLight(image, light: CDDLow.lightMap(of: image))
    CDD.darken(&image, light: light, gamma: gamma)
    PixelKernels.addNoise(&image.pixels, shot: 0, read: sigma * sigma, random: random)
    PixelKernels.clamp(&image.pixels)
    return nil
  }

  /// The greatest channel, averaged over 5x5 pixels.
  private static func lightMap(of image: Image) -> [Float] {
    PixelKernels.boxMean(
      Raster(brightestOf: image).values, width: image.width, height: image.height, before: 2,
      after: 2)
  }
}
