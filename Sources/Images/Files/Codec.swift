import CCodecs

/// One kind of picture file: how to know it, and who decodes it.
struct Codec: Sendable {
  typealias Bytes = UnsafePointer<UInt8>

  let name: String
  /// Whether a file is of this kind, by its first bytes.
  let matches: @Sendable ([UInt8]) -> Bool
  let info: @Sendable (Bytes?, Int, UnsafeMutablePointer<dc_picture>?, dc_message) -> dc_status
  let read:
    @Sendable (Bytes?, Int, UnsafePointer<dc_picture>?, UnsafeMutableRawPointer?, dc_message)
      -> dc_status
  let notes: @Sendable ([UInt8]) -> ContainerNotes
  /// What to do with a file of a kind that is not read.
  var advice = "convert it to a still 8-bit or 16-bit RGB picture"

  static let all = [
    Codec(
      name: "png", matches: { $0.starts(with: [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]) },
      info: dc_png_info, read: dc_png_read, notes: { ContainerNotes(png: $0) }),
    Codec(
      name: "jpeg", matches: { $0.starts(with: [0xFF, 0xD8, 0xFF]) },
      info: dc_jpeg_info, read: dc_jpeg_read, notes: { ContainerNotes(jpeg: $0) }),
    Codec(
      name: "tiff",
      matches: isTIFF,
      info: dc_tiff_info, read: dc_tiff_read, notes: { _ in ContainerNotes() }),
    Codec(
      name: "webp",
      matches: { $0.starts(with: "RIFF".utf8) && $0.dropFirst(8).starts(with: "WEBP".utf8) },
      info: dc_webp_info, read: dc_webp_read, notes: { ContainerNotes(webp: $0) }),
  ]

  /// The kinds that keep exact values, for maps.
  static let maps = [
    Codec(
      name: "png", matches: all[0].matches, info: dc_png_info, read: dc_png_read,
      notes: all[0].notes, advice: mapAdvice),
    Codec(
      name: "tiff", matches: isTIFF, info: dc_tiff_map_info, read: dc_tiff_read,
      notes: { _ in ContainerNotes() }, advice: mapAdvice),
  ]

  static let mapAdvice = "convert it to a gray PNG or TIFF of 8 or 16 bits, or a TIFF of floats"

  private static func isTIFF(_ file: [UInt8]) -> Bool {
    ["II*\0", "MM\0*", "II+\0", "MM\0+"].contains { file.starts(with: $0.utf8) }
  }

  /// The name of a kind of picture that is known but not read.
  static func foreignKind(_ file: [UInt8]) -> String? {
    let kinds: [(name: String, offset: Int, letters: String)] = [
      ("GIF", 0, "GIF8"), ("BMP", 0, "BM"), ("HEIF", 4, "ftypheic"), ("AVIF", 4, "ftypavif"),
      ("PDF", 0, "%PDF"), ("JPEG XL", 4, "JXL "), ("SVG", 0, "<svg"),
    ]
    return kinds.first { file.dropFirst($0.offset).starts(with: $0.letters.utf8) }?.name
  }
}
