import Basics
import CPixels

/// A picture in floating point: rows from the top, pixels from the left, channels together.
///
/// `pixels[(y * width + x) * channels + c]`; values 0...1 for what a file can hold, above 1 only for
/// highlights in linear light.
public struct Image: Sendable, Equatable {
  /// What a pixel value measures.
  public enum Space: String, Sendable, Codable, CaseIterable {
    /// Code values of the sRGB curve, as files hold them.
    case srgb
    /// Proportional to light.
    case linear
  }

  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// 1 (gray) or 3 (RGB).
  public let channels: Int
  /// What the values measure.
  public var space: Space
  /// The values, row after row.
  public var pixels: [Float]

  /// Creates a picture from its pixels.
  public init(width: Int, height: Int, channels: Int = 3, space: Space = .srgb, pixels: [Float]) {
    require(
      pixels.count == width * height * channels,
      "Image: \(pixels.count) values for \(width)x\(height)x\(channels)")
    (self.width, self.height, self.channels, self.space, self.pixels) = (
      width, height, channels, space, pixels
    )
  }

  /// Creates a picture of one value.
  public init(
    width: Int, height: Int, channels: Int = 3, space: Space = .srgb, filledWith value: Float = 0
  ) {
    self.init(
      width: width, height: height, channels: channels, space: space,
      pixels: [Float](repeating: value, count: width * height * channels))
  }

  /// One value of one pixel.
  public subscript(x: Int, y: Int, c: Int) -> Float {
    get { pixels[(y * width + x) * channels + c] }
    set { pixels[(y * width + x) * channels + c] = newValue }
  }
}
