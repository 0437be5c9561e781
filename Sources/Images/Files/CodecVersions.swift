import CCodecs

/// The libraries that picture files are decoded with; other versions may give other pixels.
public enum CodecVersions {
  /// Name and version of each, in alphabetical order.
  public static let all: [(name: String, version: String)] = {
    var found = dc_versions()
    dc_find_versions(&found)
    return [
      ("libjpeg", text(found.jpeg)), ("libpng", text(found.png)), ("libtiff", text(found.tiff)),
      ("libwebp", text(found.webp)),
    ]
  }()

  private static func text<T>(_ characters: T) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
