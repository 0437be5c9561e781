import Basics
import Yams

/// Which clean photographs there are, where they lie, and what is known of them.
public struct PhotoList: Decodable, Sendable {
  /// The groups of photographs, in the order of the file.
  public let sources: [PhotoSource]

  /// Reads a list (`datasets/photos.yaml`).
  ///
  /// - Throws: `Problem` naming the file when it cannot be read or does not have the list's form.
  public init(reading path: String) throws(Problem) {
    let text = String(decoding: try readFile(path), as: UTF8.self)
    do {
      self = try YAMLDecoder().decode(PhotoList.self, from: text)
    } catch {
      throw Problem(
        path, "is not a list of photographs: \(error)".replacing("\n", with: " "),
        fix: "see the head of datasets/photos.yaml for its form")
    }
  }
}

/// Photographs of one package that lie in one place and go to one folder.
public struct PhotoSource: Decodable, Sendable {
  /// How much is taken: the small set is part of the whole.
  public enum Selection: String, Decodable, Sendable {
    /// Always taken.
    case small
    /// Taken on request only.
    case all
  }

  /// Where the pictures go, below the output folder: `train/...`, `validation/...`, `test/...`.
  public let folder: String
  /// When the source is taken.
  public let set: Selection
  /// The Debian or Python package.
  public let package: String
  /// "wheels" for an unpacked Python package, nil for a Debian package.
  public let from: String?
  /// The Qt resource file that holds the pictures, if one does.
  public let archive: String?
  /// Where each picture lies, `{}` standing for its name.
  public let file: String
  /// The photographs by name.
  public let photos: [String: Photo]

  /// The photographs in order of their names.
  public var sorted: [(name: String, photo: Photo)] {
    photos.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The path of a picture below the output folder.
  public func output(_ name: String) -> String {
    let stem = ["jpg", "png"].contains { name.hasSuffix("." + $0) } ? name.dropLast(4) : name[...]
    let plain = stem.map { " /".contains($0) ? "-" : String($0) }.joined()
    return "\(folder)/\(plain).png"
  }
}

/// A photograph: how it is made smaller, and whom to thank for it.
public struct Photo: Decodable, Sendable, Equatable {
  /// Each new pixel is the mean of factor x factor old ones.
  public let factor: Double
  /// Who took it, as far as known.
  public let author: String
  /// The short name of its licence.
  public let licence: String

  /// Reads a photograph from its three fields.
  public init(from decoder: any Decoder) throws {
    var fields = try decoder.unkeyedContainer()
    factor = try fields.decode(Double.self)
    author = try fields.decode(String.self)
    licence = try fields.decode(String.self)
  }
}
