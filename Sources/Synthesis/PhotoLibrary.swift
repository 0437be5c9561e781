import Basics
import Images
import Records

/// A usable photograph.
struct Photo: Sendable {
  /// The folder's last name and the path below it.
  let id: String
  /// The path below the folder.
  let file: String
  let path: String
  let sha256: String
  let width: Int
  let height: Int
  let depthBits: Int
  let isJPEG: Bool
  /// What reading does to its channels.
  let channels: SourceChannels
  /// Its given depth map.
  let depth: DepthEntry?
}

/// The photographs of one split: checked, split by content, decoded when needed.
public final class PhotoLibrary: Sendable {
  let photos: [Photo]
  let setAside: [Manifest.SetAside]
  /// The sum of the odds up to and with each photograph: the root of its area, since a large one has
  /// more patches to offer, but not so many that are unlike each other.
  let odds: [Double]
  private let decoded: MemoryCache<StoredPicture>
  private let shelf: DepthShelf?

  /// Reads every picture of the recipe's folders once, and keeps those of the split.
  init(
    _ recipe: Recipe, split: Split, workers: Int,
    progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) {
    let cache = MemoryCache<StoredPicture>(limit: 1 << 30)
    shelf = try DepthShelf(recipe)
    var search = try PhotoSearch(recipe, split, shelf)
    try search.scan(workers, cache, progress)
    search.setTwinsAside()
    search.keepSplit()
    search.setSmallAside()
    guard !search.photos.isEmpty else { throw search.nothingFound }
    photos = search.photos.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    setAside = search.aside.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
    odds = photos.reduce(into: []) {
      $0.append(($0.last ?? 0) + Double($1.width * $1.height).squareRoot())
    }
    decoded = cache
  }

  /// Returns the pixels of a photograph as RGB on sRGB codes.
  ///
  /// - Throws: `Problem` naming the file when it is gone or is another than it was.
  func picture(_ number: Int) throws(Problem) -> StoredPicture {
    let photo = photos[number]
    if let picture = decoded[photo.path] { return picture }
    let bytes = try readFile(photo.path)
    try requireUnchanged(bytes, photo.path, photo.sha256)
    let picture = StoredPicture(try PictureFile.decode(bytes, place: photo.path))
    decoded[photo.path] = picture
    return picture
  }

  /// Holds photographs that are known already; a file is read when a record needs it.
  init(photos: [Photo], setAside: [Manifest.SetAside], shelf: DepthShelf?) {
    (self.photos, self.setAside, self.shelf) = (photos, setAside, shelf)
    odds = photos.reduce(into: []) {
      $0.append(($0.last ?? 0) + Double($1.width * $1.height).squareRoot())
    }
    decoded = MemoryCache(limit: 1 << 30)
  }

  /// Returns the given depth map of a photograph; nil when it has none.
  func depth(_ number: Int) throws(Problem) -> DepthMap? {
    let photo = photos[number]
    guard let shelf, let entry = photo.depth else { return nil }
    return try shelf.map(entry, width: photo.width, height: photo.height)
  }
}
