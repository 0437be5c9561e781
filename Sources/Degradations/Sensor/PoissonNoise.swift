import Basics
import Images

/// The noise of light itself: a pixel counts whole photo-electrons.
///
/// l' = Poisson(P l) / P, cut off at white, with P electrons at white, so the variance at level l is
/// l / P. In linear light that is what a sensor does; on sRGB codes it is how older sets made it.
///
/// A 256x256 picture of 255 electrons takes 0.38 ms on codes and 0.95 ms in linear light, where more
/// of it is dark and the way there and back is included.
///
/// - Source: `random_noise` of scikit-image and shot noise of ImageNet-C (Hendrycks and Dietterich
///   2019) for the form on codes. P is the parameter: BasicSR takes it from the number of distinct
///   values in the picture, so that its noise depends on the content.
struct PoissonNoise: Degradation {
  static let name = "poisson-noise"
  static let stage = Stage.sensor
  static let notes = DegradationNotes(
    summary: "The noise of light itself: a sensor counts whole photo-electrons.",
    source: "Hendrycks and Dietterich 2019 (ImageNet-C) for the levels on sRGB codes",
    severity: "1000, 300, 100, 30, 10 photo-electrons at white",
    parameters: [
      .init(
        name: "electrons", unit: "photo-electrons", range: "0.01...1e9",
        meaning: "what white amounts to; the variance at level l is l / electrons"),
      .init(
        name: "gray", range: "true, false",
        meaning: "the luma's noise for all channels; false if absent"),
    ])
  /// Without noise white would be infinitely many, so `electrons(at:)` has a rule for the lower end.
  private static let levels = SeverityScale(
    neutral: .infinity, levels: [1000, 300, 100, 30, 10], inLog: true)
  private static let range = 0.01...1e9

  /// Photo-electrons at white.
  let electrons: Double
  /// Whether all channels get the noise of the luma, as in a part of Real-ESRGAN's noise.
  let isGray: Bool

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    electrons = min(Self.electrons(at: severity), Self.range.upperBound).rounded(places: 3)
    isGray = false
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Self.name, json: parameters)
    electrons = try reader.number("electrons", in: Self.range)
    isGray = try reader.isGray()
  }

  var parameters: JSON {
    .object([.init("electrons", .number(electrons))] + JSON.gray(isGray))
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    if isGray {
      image.addToChannels(lumaNoise(image, random))
      PixelKernels.clamp(&image.pixels)
    } else {
      PixelKernels.countElectrons(&image.pixels, electrons: electrons, random: random)
    }
    return nil
  }

  /// What counting changes in the luma.
  private func lumaNoise(_ image: Image, _ random: RandomStream) -> [Float] {
    let luma = Raster(lumaOf: image).values.map { max($0, 0) }
    // The kernel cuts off at white; a quarter of the light for a count four times as fine is the same
    // number of electrons, with room above white.
    var counted = luma.map { $0 / 4 }
    PixelKernels.countElectrons(&counted, electrons: 4 * electrons, random: random)
    return zip(counted, luma).map { 4 * $0 - $1 }
  }

  /// Below level 1 the variance goes to nothing in proportion to severity.
  private static func electrons(at severity: Double) -> Double {
    severity < 0.1 ? levels(0.1) * 0.1 / severity : levels(severity)
  }
}
