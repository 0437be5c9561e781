import Basics
import Images

/// What decides the bytes of PNG files beside their pixels.
///
/// Pixels never depend on it: another zlib gives other files of the same pictures.
public struct PNGSettings: Sendable, Equatable {
  /// The level that is taken unless another is asked for: of photographs it saves 47 % of the bytes in
  /// less than half the time in which level 6 saves 49 %.
  public static let defaultLevel = 3

  /// The level of deflate, 0 (stored) to 9 (smallest).
  public let level: Int
  /// The version of libpng, which chooses the filter of each row.
  public let libpng: String
  /// The version of zlib, which packs the rows.
  public let zlib: String

  /// Settings with the libraries of this machine.
  ///
  /// - Precondition: `level` is 0...9.
  public init(level: Int) {
    require((0...9).contains(level), "PNGSettings: level \(level)")
    self.level = level
    (libpng, zlib) = CodecVersions.pngWriter
  }

  var json: JSON {
    ["level": .integer(level), "libpng": .string(libpng), "zlib": .string(zlib)]
  }

  init(_ reader: KeyReader) throws(Problem) {
    level = try reader.integer("level")
    (libpng, zlib) = (try reader.string("libpng"), try reader.string("zlib"))
    guard (0...9).contains(level) else {
      throw Problem(reader.place, "level \(level) is not of 0...9")
    }
  }
}

extension PNGSettings: CustomStringConvertible {
  /// Level and versions, for messages.
  public var description: String { "level \(level), libpng \(libpng), zlib \(zlib)" }
}
