import Basics

/// One value for each pixel as a file stores it, such as a depth map.
public struct StoredMap: Sendable {
  /// The values in one channel, upright: codes as they are, not divided by their largest.
  public var values: Image
  /// Bits of a code, 8 or 16; 32 where the file has floats.
  public let bits: Int

  /// Creates a map from values.
  public init(values: Image, bits: Int) {
    require(values.channels == 1, "StoredMap: \(values.channels) channels")
    (self.values, self.bits) = (values, bits)
  }
}

/// Reads maps from gray PNG and TIFF files, known by their content: 8 or 16 bits, or float TIFF.
public enum MapFile {
  /// Reads a map from the bytes of a file; problems are reported under `place`.
  ///
  /// - Parameter limit: The largest size in megapixels.
  /// - Throws: `Problem` when the file is of another kind, has colours, is damaged, cut short or
  ///   larger than the limit.
  public static func decode(
    _ file: [UInt8], place: String, limit: Double = PictureFile.defaultLimit
  ) throws(Problem) -> StoredMap {
    guard !file.isEmpty else { throw Problem(place, "is an empty file", fix: "fetch it again") }
    guard let codec = Codec.maps.first(where: { $0.matches(file) }) else {
      let kind = Codec.all.first { $0.matches(file) }?.name.uppercased() ?? Codec.foreignKind(file)
      throw Problem(
        place, kind.map { "is a \($0) file, which holds no map" } ?? "is not a map",
        fix: Codec.mapAdvice)
    }
    return try OpenedPicture(file, codec, place, limit).map(file, place)
  }
}
