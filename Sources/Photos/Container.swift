import Basics
import Foundation

/// Where the photographs of one source are read from: plain files, themes, or one resource file.
struct Container {
  private let source: PhotoSource
  private let folder: String?
  private var resource: QtResource?

  /// Prepares to read; `folder` is nil when the source's packages are not at hand.
  init(_ source: PhotoSource, folder: String?) {
    self.source = source
    self.folder = folder
  }

  /// The place of a photograph, for messages.
  func place(of name: String) -> String {
    let file = source.file.replacing("{}", with: name)
    let folder = folder ?? "(package \(source.package))"
    return ([folder] + [source.archive, file].compactMap { $0 }).joined(separator: "/")
      .replacing("//", with: "/")
  }

  /// Returns the bytes of a photograph's file, nil when it is not there.
  ///
  /// - Throws: `Problem` when a file or container is there but cannot be read.
  mutating func bytes(of name: String) throws(Problem) -> [UInt8]? {
    guard let folder else { return nil }
    let file = source.file.replacing("{}", with: name)
    let path = folder + "/" + (source.archive ?? file)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    if source.archive != nil {
      if resource == nil { resource = try QtResource(try readFile(path), place: path) }
      return try resource?.file(file)
    }
    let bytes = try readFile(path)
    return path.hasSuffix(".edj") ? try EETFile.largestJPEG(in: bytes, place: path) : bytes
  }
}
