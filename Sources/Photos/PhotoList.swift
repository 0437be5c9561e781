import Basics
import Recipes

/// Which clean photographs there are, where they lie, and what is known of them.
public struct PhotoList: Sendable {
  /// The groups of photographs, in the order of the file.
  public let sources: [PhotoSource]

  /// Reads a list (`datasets/photos.yaml`).
  ///
  /// - Throws: `Problem` naming the file and line when it cannot be read or does not have the list's form.
  public init(reading path: String) throws(Problem) {
    let top = try RecipeSection(reading: path)
    var sources: [PhotoSource] = []
    for section in try top.sections("sources") { sources.append(try PhotoSource(section)) }
    try top.finish()
    self.sources = sources
  }
}

/// Photographs of one package that lie in one place and go to one folder.
public struct PhotoSource: Sendable {
  /// How much is taken: the small set is part of the whole.
  public enum Selection: String, CaseIterable, Sendable {
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

  init(_ section: RecipeSection) throws(Problem) {
    folder = try section.text("folder")
    set = try section.choice("set")
    package = try section.text("package")
    from = try section.optionalText("from")
    archive = try section.optionalText("archive")
    file = try section.text("file")
    let list = try section.section("photos")
    var photos: [String: Photo] = [:]
    for name in list.keys { photos[name] = try Photo(list, name) }
    self.photos = photos
  }

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
public struct Photo: Sendable, Equatable {
  /// Each new pixel is the mean of factor x factor old ones.
  public let factor: Double
  /// Who took it, as far as known.
  public let author: String
  /// The short name of its licence.
  public let licence: String

  init(_ list: RecipeSection, _ name: String) throws(Problem) {
    let fields = try list.list(name)
    guard fields.count == 3, let factor = fields[0].double, let author = fields[1].string,
      let licence = fields[2].string
    else {
      throw list.problem(
        name, "is no photograph", fix: "write: \(name): [factor, author, licence]")
    }
    (self.factor, self.author, self.licence) = (factor, author, licence)
  }
}
