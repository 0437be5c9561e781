/// A picture read from a file, and what the file was like.
public struct Picture: Sendable {
  /// The pixels: sRGB codes as 0...1, upright, without alpha.
  public var image: Image
  /// Bits a channel in the file: 8 or 16.
  public let depthBits: Int
  /// Whether the file is a JPEG file.
  public let isJPEG: Bool
  /// Whether the file had alpha, which was dropped.
  public let hadAlpha: Bool
  /// "png", "jpeg", "tiff" or "webp", by the file's content; "npy" of an array that was imported.
  public let format: String

  /// Creates a picture from what its file was like.
  public init(image: Image, depthBits: Int, isJPEG: Bool, hadAlpha: Bool, format: String) {
    (self.image, self.depthBits, self.isJPEG) = (image, depthBits, isJPEG)
    (self.hadAlpha, self.format) = (hadAlpha, format)
  }
}
