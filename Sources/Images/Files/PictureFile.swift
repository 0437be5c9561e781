import Basics
import CCodecs
import Foundation

/// Reads PNG, JPEG, TIFF and WebP files, known by their content and not by their name.
public enum PictureFile {
  /// The largest picture that is read, in megapixels, unless a caller asks for another limit.
  public static let defaultLimit = 400.0

  /// What a file's header says.
  public struct Header: Sendable, Equatable {
    /// Sides of the upright picture in pixels.
    public let width, height: Int
    /// 1 (gray) or 3 (RGB).
    public let channels: Int
    /// Bits a channel: 8 or 16.
    public let depthBits: Int
    /// "png", "jpeg", "tiff" or "webp".
    public let format: String
    /// Whether the file has alpha, which reading drops.
    public let hasAlpha: Bool
  }

  /// Reads a picture: upright, without alpha, 16 bits kept.
  ///
  /// - Parameter limit: The largest size in megapixels.
  /// - Throws: `Problem` naming the file when it cannot be opened, is no picture, is damaged or cut
  ///   short, is larger than the limit, or is of a kind that is not read (CMYK, animated).
  public static func read(_ path: String, limit: Double = defaultLimit) throws(Problem) -> Picture {
    try decode(try readFile(path), place: path, limit: limit)
  }

  /// Reads a picture from the bytes of a file; problems are reported under `place`.
  public static func decode(_ file: [UInt8], place: String, limit: Double = defaultLimit)
    throws(Problem) -> Picture
  {
    let opened = try open(file, place, limit)
    return try opened.picture(file, place)
  }

  /// Reads the header only, with the checks that need no pixels.
  public static func probe(_ path: String, limit: Double = defaultLimit) throws(Problem) -> Header {
    let opened = try open(try readFile(path), path, limit)
    let turned = opened.orientation > 4
    return Header(
      width: turned ? opened.height : opened.width, height: turned ? opened.width : opened.height,
      channels: Int(opened.header.channels), depthBits: Int(opened.header.depth),
      format: opened.codec.name, hasAlpha: opened.header.has_alpha != 0)
  }

  /// Returns the pictures in a folder and the folders below it: relative paths, sorted.
  ///
  /// Known by extension (png, jpg, jpeg, tif, tiff, webp); hidden files and folders are left out.
  ///
  /// - Throws: `Problem` when the folder cannot be read.
  public static func list(_ folder: String) throws(Problem) -> [String] {
    let extensions: Set = ["png", "jpg", "jpeg", "tif", "tiff", "webp"]
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else {
      throw Problem(folder, "is not a folder", fix: "give a folder with pictures")
    }
    guard let paths = FileManager.default.enumerator(atPath: folder) else {
      throw Problem(folder, "cannot be read", fix: "check the permissions of the folder")
    }
    return paths.compactMap { $0 as? String }.filter { path in
      let hidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
      let dot = path.lastIndex(of: ".") ?? path.startIndex
      return !hidden && extensions.contains(path[dot...].dropFirst().lowercased())
    }.sorted()
  }

  private static func open(_ file: [UInt8], _ place: String, _ limit: Double) throws(Problem)
    -> OpenedPicture
  {
    guard !file.isEmpty else {
      throw Problem(place, "is an empty file", fix: "fetch the picture again")
    }
    guard let codec = Codec.all.first(where: { $0.matches(file) }) else {
      let kind = Codec.foreignKind(file).map { "is a \($0) file" } ?? "is not a picture"
      throw Problem(place, kind, fix: "PNG, JPEG, TIFF and WebP are read; convert it to PNG")
    }
    return try OpenedPicture(file, codec, place, limit)
  }
}
