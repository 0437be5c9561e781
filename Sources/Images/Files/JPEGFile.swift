import Basics
import CCodecs

/// Pictures as baseline JPEG files, by the system's libjpeg.
///
/// Whether two machines give the same bytes depends on the version of the library that they have;
/// manifests record it.
public enum JPEGFile {
  /// The longest side that a JPEG file can have, in pixels.
  public static let longestSide = 65500

  /// How much less detail the colours have than the brightness.
  public enum Subsampling: String, Sendable, CaseIterable {
    /// As much.
    case none = "4:4:4"
    /// Half as many columns.
    case columns = "4:2:2"
    /// Half as many columns and rows.
    case both = "4:2:0"

    fileprivate var across: Int32 { self == .none ? 1 : 2 }
    fileprivate var down: Int32 { self == .both ? 2 : 1 }
  }

  /// Returns the bytes of a JPEG file.
  ///
  /// - Parameter quality: 1...100, for the quantisation tables of the standard's annex K.
  /// - Precondition: `image` is sRGB and neither side is 0 or longer than `longestSide`.
  public static func encode(_ image: Image, quality: Int, subsampling: Subsampling) -> [UInt8] {
    require(image.space == .srgb, "JPEGFile.encode: the picture is in linear light")
    let codes = image.bytes
    let picture = header(image.width, image.height, image.channels)
    let form = form(quality, subsampling)
    var file: [UInt8] = []
    let (status, text) = withMessage { message in
      withUnsafePointer(to: picture) { picture in
        withUnsafePointer(to: form) { form in
          withUnsafeMutablePointer(to: &file) {
            dc_jpeg_write(picture, codes, form, appendToFile, $0, message)
          }
        }
      }
    }
    require(status == dc_ok, "JPEGFile.encode: \(image.width)x\(image.height): \(text)")
    return file
  }

  /// Replaces the 8-bit codes of a picture by those that its JPEG file gives back.
  ///
  /// - Parameters:
  ///   - codes: Rows from the top, channels together.
  ///   - channels: 1 or 3.
  ///   - quality: 1...100, for the quantisation tables of the standard's annex K.
  /// - Precondition: Neither side is 0 or longer than `longestSide`.
  public static func saveAndOpen(
    _ codes: inout [UInt8], width: Int, height: Int, channels: Int = 3, quality: Int,
    subsampling: Subsampling
  ) {
    require(
      codes.count == width * height * channels,
      "JPEGFile.saveAndOpen: \(codes.count) codes for \(width)x\(height)x\(channels)")
    let picture = header(width, height, channels)
    let form = form(quality, subsampling)
    let (status, text) = withMessage { message in
      withUnsafePointer(to: picture) { picture in
        withUnsafePointer(to: form) { dc_jpeg_save_and_open(picture, &codes, $0, message) }
      }
    }
    require(status == dc_ok, "JPEGFile.saveAndOpen: \(width)x\(height): \(text)")
  }

  private static func header(_ width: Int, _ height: Int, _ channels: Int) -> dc_picture {
    require(
      (1...longestSide).contains(width) && (1...longestSide).contains(height),
      "JPEGFile: a picture of \(width)x\(height) pixels, wants sides of 1 to \(longestSide)")
    var picture = dc_picture()
    (picture.width, picture.height) = (UInt32(width), UInt32(height))
    (picture.channels, picture.depth) = (Int32(channels), 8)
    return picture
  }

  private static func form(_ quality: Int, _ subsampling: Subsampling) -> dc_jpeg_form {
    require((1...100).contains(quality), "JPEGFile: quality \(quality), wants 1 to 100")
    return dc_jpeg_form(
      quality: Int32(quality), across: subsampling.across, down: subsampling.down)
  }
}
