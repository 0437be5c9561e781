import Basics
import Images

/// White Gaussian noise on sRGB codes, as denoising sets add it by convention; it models no camera.
///
/// I = J + n, n ~ N(0, (sigma / 255)^2), independent for each pixel and channel.
///
/// - Source: Zhang et al. 2017 (DnCNN) and all after it. The result is rounded, never cut off: cutting
///   darkens every picture by half a code, as the loaders of AirNet and PromptIR do.
struct GaussianNoise: Degradation {
  static let name = "gaussian-noise"
  static let stage = Stage.file
  static let notes = DegradationNotes(
    summary: "White Gaussian noise on sRGB codes, as denoising sets add it by convention.",
    source: "Zhang et al. 2017 (DnCNN)",
    severity: "sigma 8, 15, 25, 40, 60 codes",
    parameters: [
      .init(name: "sigma", unit: "8-bit codes", range: "0...255", meaning: "standard deviation"),
      .init(name: "clip", range: "true", meaning: "values are limited to 0...1"),
    ])
  private static let sigma = SeverityScale(neutral: 0, levels: [8, 15, 25, 40, 60])

  /// Standard deviation in 8-bit codes, before values outside the range are clipped.
  let sigma: Double

  init(
    severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream
  ) {
    sigma = Self.sigma(severity).rounded(places: 6)
  }

  init(parameters: JSON) throws(Problem) {
    sigma = try ParameterReader(op: Self.name, json: parameters).number("sigma", in: 0...255)
  }

  var parameters: JSON { ["sigma": .number(sigma), "clip": true] }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let deviation = sigma / 255
    PixelKernels.addNoise(&image.pixels, shot: 0, read: deviation * deviation, random: random)
    PixelKernels.clamp(&image.pixels)
    return nil
  }
}
