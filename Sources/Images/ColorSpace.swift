import Basics

/// The sRGB transfer curve (IEC 61966-2-1) and back, identical to the bit on every machine.
///
/// No function of the C library takes part: its last bit differs between versions, and one bit is
/// enough to change a data set's digest.
public enum ColorSpace {
  private static let toLinear = PowerTable(exponent: 2.4)
  private static let toSRGB = PowerTable(exponent: 1 / 2.4)

  /// The light of each 8-bit sRGB code.
  public static let linearOfCode: [Float] = (0..<256).map { linear(fromSRGB: Float($0) / 255) }

  /// Returns the light, 0...1, of an sRGB code value; values below 0 continue the straight part.
  public static func linear(fromSRGB s: Float) -> Float {
    guard s > 0.04045 else { return Float(Double(s) / 12.92) }
    return Float(toLinear(Float((Double(s) + 0.055) / 1.055)))
  }

  /// Returns the sRGB code value, 0...1, of an amount of light; above 1 the curve goes on.
  public static func srgb(fromLinear l: Float) -> Float {
    guard l > 0.003_130_8 else { return Float(12.92 * Double(l)) }
    return Float(1.055 * toSRGB(l) - 0.055)
  }
}

extension Image {
  /// Returns the picture in linear light.
  public func toLinear() -> Image { converted(to: .linear, ColorSpace.linear(fromSRGB:)) }

  /// Returns the picture as sRGB code values, not yet clamped or rounded.
  public func toSRGB() -> Image { converted(to: .srgb, ColorSpace.srgb(fromLinear:)) }

  private func converted(to target: Space, _ curve: (Float) -> Float) -> Image {
    guard space != target else { return self }
    var result = self
    result.space = target
    result.pixels.withUnsafeMutableBufferPointer { values in
      for i in values.indices { values[i] = curve(values[i]) }
    }
    return result
  }
}
