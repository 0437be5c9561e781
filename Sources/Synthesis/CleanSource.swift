import Basics
import Images
import Records

/// The clean pictures of one split, by number.
public enum CleanSource: Sendable {
  /// Generated pictures; each is as large as a patch.
  case deadLeaves(count: Int)
  case photos(PhotoLibrary)

  /// Prepares the sources of a recipe.
  ///
  /// - Parameter plan: What lists the pictures already; without it all of them are looked at.
  /// - Throws: `Problem` naming a folder that is missing or holds no usable picture.
  public init(
    _ recipe: Recipe, split: Split, workers: Int, plan: SetPlan? = nil,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    switch recipe.cleanKind {
    case .deadLeaves:
      if case .given = recipe.depth {
        throw Problem(
          "depth", "is given, but clean pictures are generated, with exact depth",
          fix: "give the photographs of the maps with --clean FOLDER")
      }
      guard recipe.sampling == .random || recipe.pictures > 0 else {
        throw Problem(
          "clean.pictures", "is missing: a grid needs a number of generated pictures",
          fix: "add 'clean: {pictures: 8}' to the recipe, or give photographs with --clean FOLDER")
      }
      self = .deadLeaves(count: recipe.pictures > 0 ? recipe.pictures : recipe.count)
    case .folder:
      if let plan {
        self = .photos(try PhotoLibrary(recipe, plan))
      } else {
        self = .photos(
          try PhotoLibrary(recipe, split: split, workers: workers, progress: progress))
      }
    }
  }

  /// The number of sources.
  public var count: Int {
    switch self {
    case .deadLeaves(let count): count
    case .photos(let library): library.photos.count
    }
  }

  /// The sources for plan and manifest; generated ones are described by the recipe.
  var planned: [SetPlan.Source] {
    guard case .photos(let library) = self else { return [] }
    return library.photos.map(\.planned)
  }

  /// The pictures that could not be used.
  var setAside: [Manifest.SetAside] {
    guard case .photos(let library) = self else { return [] }
    return library.setAside
  }

  /// Draws a source for a record.
  func draw(_ random: inout RandomStream) -> Int {
    switch self {
    case .deadLeaves(let count): return random.integer(below: count)
    case .photos(let library):
      let place = random.uniform(0, library.odds.last ?? 1)
      return library.odds.firstIndex { place < $0 } ?? library.odds.count - 1
    }
  }
}
