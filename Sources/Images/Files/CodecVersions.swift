import CCodecs

/// The libraries that picture files are decoded with; other versions may give other pixels.
public enum CodecVersions {
  /// Name and version of each, in alphabetical order.
  public static let all: [(name: String, version: String)] = [
    ("libjpeg", text(found.jpeg)), ("libpng", text(found.png)), ("libtiff", text(found.tiff)),
    ("libwebp", text(found.webp)),
  ]

  /// The versions that the bytes of a PNG file depend on when it is written.
  public static let pngWriter: (libpng: String, zlib: String) = (
    text(found.png), text(found.zlib)
  )

  private static let found: dc_versions = {
    var found = dc_versions()
    dc_find_versions(&found)
    return found
  }()

  private static func text<T>(_ characters: T) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
