import Basics
import CCodecs

extension PNGFile {
  /// A picture of bytes, rows from the top, channels together: what a file holds, untouched by floats.
  public struct Codes: Sendable, Equatable {
    /// Height, width, channels (1 or 3).
    public let shape: [Int]
    /// `bytes[(y * width + x) * channels + c]`.
    public let bytes: [UInt8]
  }

  /// Returns the bytes of a PNG file of codes with 8 bits a channel.
  ///
  /// - Parameters:
  ///   - codes: As `Codes.bytes` has them.
  ///   - shape: Height, width, channels: 1 (gray) or 3 (RGB).
  ///   - level: Of deflate, 0 (stored) to 9 (smallest).
  /// - Precondition: no side is 0, and there are as many codes as the shape says.
  public static func encode(_ codes: UnsafeRawBufferPointer, shape: [Int], level: Int) -> [UInt8] {
    require(
      shape.count == 3 && shape.reduce(1, *) == codes.count && !codes.isEmpty
        && [1, 3].contains(shape[2]),
      "PNGFile.encode: \(codes.count) codes for a picture of \(shape)")
    require((0...9).contains(level), "PNGFile.encode: level \(level)")
    var picture = dc_picture()
    (picture.height, picture.width) = (UInt32(shape[0]), UInt32(shape[1]))
    (picture.channels, picture.depth) = (Int32(shape[2]), 8)
    return file(of: codes, picture, level: level)
  }

  /// Reads the shape of a picture of bytes: height, width, channels.
  ///
  /// - Throws: `Problem` at `place` for a file that is no PNG, has 16 bits or alpha, or is too short
  ///   for the pixels that it announces.
  public static func shape(_ file: UnsafeRawBufferPointer, place: String) throws(Problem) -> [Int] {
    let header = try header(file, place)
    return [Int(header.height), Int(header.width), Int(header.channels)]
  }

  /// Reads a picture of bytes.
  ///
  /// - Throws: `Problem` at `place` as `shape` does, and for damaged pixels.
  public static func codes(_ file: UnsafeRawBufferPointer, place: String) throws(Problem) -> Codes {
    let header = try header(file, place)
    let shape = [Int(header.height), Int(header.width), Int(header.channels)]
    let count = shape.reduce(1, *)
    var failure: Problem?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let (status, text) = withMessage { message in
        withUnsafePointer(to: header) {
          dc_png_read(bytePointer(file), file.count, $0, buffer.baseAddress, message)
        }
      }
      filled = status == dc_ok ? count : 0
      if status != dc_ok { failure = damaged(place, text) }
    }
    if let failure { throw failure }
    return Codes(shape: shape, bytes: bytes)
  }

  private static func header(_ file: UnsafeRawBufferPointer, _ place: String) throws(Problem)
    -> dc_picture
  {
    var header = dc_picture()
    let (status, text) = withMessage { dc_png_info(bytePointer(file), file.count, &header, $0) }
    guard status == dc_ok else { throw damaged(place, text) }
    guard header.depth == 8, header.has_alpha == 0 else {
      throw Problem(place, "PNG picture has more than 8 bits a channel, or alpha")
    }
    let (width, height) = (Int(header.width), Int(header.height))
    // A byte of deflate stands for 1032 at most, so a forged size is known before memory is asked for.
    let (pixels, overflow) = (width * Int(header.channels)).multipliedReportingOverflow(by: height)
    guard !overflow, pixels > 0, pixels / 1032 <= file.count else {
      throw Problem(
        place, "PNG picture says it has \(width)x\(height) pixels in \(file.count) bytes")
    }
    return header
  }

  private static func bytePointer(_ file: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
    file.assumingMemoryBound(to: UInt8.self).baseAddress
  }

  private static func damaged(_ place: String, _ text: String) -> Problem {
    Problem(place, "PNG picture is damaged: \(text)")
  }
}
