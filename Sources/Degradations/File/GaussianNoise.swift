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
      .init(
        name: "gray", range: "true, false", meaning: "one value for all channels; false if absent"),
    ])
  private static let sigma = SeverityScale(neutral: 0, levels: [8, 15, 25, 40, 60])

  /// Standard deviation in 8-bit codes, before values outside the range are clipped.
  let sigma: Double
  /// Whether the channels of a pixel have one value in common, as in a part of Real-ESRGAN's noise.
  let isGray: Bool

  init(
    severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream
  ) {
    sigma = Self.sigma(severity).rounded(places: 6)
    isGray = false
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Self.name, json: parameters)
    sigma = try reader.number("sigma", in: 0...255)
    isGray = try reader.isGray()
  }

  var parameters: JSON {
    .object([.init("sigma", .number(sigma)), .init("clip", true)] + JSON.gray(isGray))
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let variance = (sigma / 255) * (sigma / 255)
    if isGray {
      var noise = [Float](repeating: 0, count: image.width * image.height)
      PixelKernels.addNoise(&noise, shot: 0, read: variance, random: random)
      image.addToChannels(noise)
    } else {
      PixelKernels.addNoise(&image.pixels, shot: 0, read: variance, random: random)
    }
    PixelKernels.clamp(&image.pixels)
    return nil
  }
}
