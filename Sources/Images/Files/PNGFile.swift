import Basics
import CCodecs

/// Pictures as PNG files: without loss, equal pixels giving equal bytes.
public enum PNGFile {
  /// The level of deflate that pictures are written with unless a caller asks for another.
  public static let defaultLevel = 6

  /// Writes an sRGB picture with 8 bits a channel, atomically.
  ///
  /// - Throws: `Problem` naming the path when it cannot be written.
  public static func write(_ image: Image, to path: String) throws(Problem) {
    try AtomicFile.write(encode(image), to: path)
  }

  /// Returns the bytes of a PNG file with 8 bits a channel: values clamped and rounded half to even.
  ///
  /// - Precondition: `image` is sRGB and neither side is 0.
  public static func encode(_ image: Image) -> [UInt8] {
    encode(image.bytes, image, depth: 8)
  }

  /// Returns the bytes of a PNG file with 16 bits a channel.
  ///
  /// - Precondition: `image` is sRGB and neither side is 0.
  public static func encode16(_ image: Image) -> [UInt8] {
    let codes = image.pixels.map { UInt16((min(max(0, $0), 1) * 65535).rounded(.toNearestOrEven)) }
    return encode(codes, image, depth: 16)
  }

  private static func encode<Code>(_ codes: [Code], _ image: Image, depth: Int32) -> [UInt8] {
    require(image.space == .srgb, "PNGFile.encode: the picture is in linear light")
    var picture = dc_picture()
    picture.width = UInt32(image.width)
    picture.height = UInt32(image.height)
    picture.channels = Int32(image.channels)
    picture.depth = depth
    return codes.withUnsafeBytes { file(of: $0, picture, level: defaultLevel) }
  }

  /// The file of samples that lie as `picture` says.
  static func file(of samples: UnsafeRawBufferPointer, _ picture: dc_picture, level: Int)
    -> [UInt8]
  {
    var file: [UInt8] = []
    let (status, text) = withMessage { message in
      withUnsafePointer(to: picture) { picture in
        withUnsafeMutablePointer(to: &file) {
          dc_png_write(picture, samples.baseAddress, Int32(level), appendToFile, $0, message)
        }
      }
    }
    require(status == dc_ok, "PNGFile.encode: \(picture.width)x\(picture.height): \(text)")
    return file
  }
}

/// Appends a piece of a file to the array of bytes that `context` points to.
func appendToFile(
  _ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int
) {
  let file = context?.assumingMemoryBound(to: [UInt8].self)
  file?.pointee.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
}

/// Calls a codec with room for its line of text.
func withMessage(_ call: (dc_message) -> dc_status) -> (status: dc_status, text: String) {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    buffer.initialize(repeating: 0)
    let status = call(dc_message(text: buffer.baseAddress, capacity: buffer.count))
    let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return (status, String(decoding: text, as: UTF8.self))
  }
}
