import Basics
import Images

/// Sharpening of the clean picture, as Real-ESRGAN does it before it degrades.
///
/// What a wide Gaussian takes away is added again, in part, where it exceeds a threshold; the border
/// between both is blurred by the same Gaussian.
///
/// - Source: Wang et al. 2021 (Real-ESRGAN): window 51, whose deviation is 8 by OpenCV's rule, half of
///   the difference, 10 codes.
public struct UnsharpMask: Sendable, Equatable {
  /// Deviation of the Gaussian in pixels.
  private let sigma: Double
  /// Side of its window in pixels, odd.
  private let size: Int
  /// The share of the difference that is added.
  private let amount: Double
  /// The least difference in 8-bit codes.
  private let threshold: Double

  /// Creates the sharpening of Real-ESRGAN.
  public init() { (sigma, size, amount, threshold) = (8, 51, 0.5, 10) }

  /// Creates a sharpening from a label.
  ///
  /// - Throws: `Problem` naming the parameter that is missing or out of range.
  public init(_ json: JSON) throws(Problem) {
    let reader = ParameterReader(op: "usm", json: json)
    sigma = try reader.number("sigma", in: 0.001...256)
    size = try reader.odd("size", in: GaussianSpread.sizes)
    amount = try reader.number("amount", in: 0...10)
    threshold = try reader.number("threshold", in: 0...255)
  }

  /// Every parameter, for the label.
  public var json: JSON {
    [
      "sigma": .number(sigma), "size": .integer(size), "amount": .number(amount),
      "threshold": .number(threshold),
    ]
  }

  /// Sharpens a picture on sRGB codes; the result is on whole 8-bit codes.
  public func sharpened(_ image: Image) -> Image {
    let soft = blurred(image)
    var mask = image
    let limit = Float(threshold / 255)
    for i in mask.pixels.indices {
      mask.pixels[i] = abs(image.pixels[i] - soft.pixels[i]) > limit ? 1 : 0
    }
    mask = blurred(mask)
    var out = image
    for i in out.pixels.indices {
      let x = image.pixels[i]
      let sharp = min(max(x + Float(amount) * (x - soft.pixels[i]), 0), 1)
      out.pixels[i] = mask.pixels[i] * sharp + (1 - mask.pixels[i]) * x
    }
    return Image(width: image.width, height: image.height, bytes: out.bytes)
  }

  private func blurred(_ image: Image) -> Image {
    let spread = GaussianSpread(
      family: .iso, sigmaX: sigma, sigmaY: sigma, angle: 0, beta: 1, size: size)
    let profile = spread.profile(sigma: sigma)
    var image = image
    SeparableBlur(columns: profile, rows: profile).blur(&image)
    return image
  }
}
