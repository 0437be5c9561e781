import Basics

/// A picture in floating point: rows from the top, pixels from the left, channels together.
///
/// `pixels[(y * width + x) * channels + c]`; values 0...1 for what a file can hold, above 1 only for
/// highlights in linear light.
public struct Image: Sendable, Equatable {
  /// What a pixel value measures.
  public enum Space: String, Sendable, Codable {
    /// Code values of the sRGB curve, as files hold them.
    case srgb
    /// Proportional to light.
    case linear
  }

  public let width: Int
  public let height: Int
  /// 1 (gray) or 3 (RGB).
  public let channels: Int
  public var space: Space
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

  /// Creates a picture from 8-bit codes.
  public init(width: Int, height: Int, channels: Int = 3, bytes: [UInt8]) {
    self.init(
      width: width, height: height, channels: channels, pixels: bytes.map { Float($0) / 255 })
  }

  /// The 8-bit codes of an sRGB picture: clamp(rint(255 x)), half to even.
  public var bytes: [UInt8] {
    require(space == .srgb, "Image.bytes: the picture is in linear light")
    return pixels.map { UInt8(min(max(($0 * 255).rounded(.toNearestOrEven), 0), 255)) }
  }

  /// One value of one pixel.
  public subscript(x: Int, y: Int, c: Int) -> Float {
    get { pixels[(y * width + x) * channels + c] }
    set { pixels[(y * width + x) * channels + c] = newValue }
  }
}
