import Basics
import Images
import Records

/// A usable photograph.
struct Photo: Sendable {
  /// The folder's last name and the path below it.
  let id: String
  /// The path below the folder.
  let file: String
  /// The folder's place among those of the recipe.
  let folder: Int
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
    let cache = MemoryCache<StoredPicture>(limit: PhotoLibrary.cacheSize)
    shelf = try DepthShelf(recipe)
    var search = try PhotoSearch(recipe, split, shelf)
    try search.scan(workers, cache, progress)
    search.setTwinsAside()
    search.keepSplit()
    search.setSmallAside()
    guard !search.photos.isEmpty else { throw search.nothingFound }
    photos = search.photos.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    setAside = search.aside.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
    odds = PhotoLibrary.odds(photos)
    decoded = cache
  }

  /// Takes the pictures of a plan, which are looked at when they are needed.
  init(_ recipe: Recipe, _ plan: SetPlan) throws(Problem) {
    shelf = try DepthShelf(recipe)
    guard !plan.sources.isEmpty, plan.sources.allSatisfy({ $0.folder < recipe.folders.count })
    else {
      throw Problem(
        SetPlan.fileName, "its pictures are in other folders than the recipe's",
        fix: "give the same --clean folders in the same order as for --plan")
    }
    photos = plan.sources.map { Photo($0, recipe) }
    setAside = plan.setAside
    odds = PhotoLibrary.odds(photos)
    decoded = MemoryCache(limit: PhotoLibrary.cacheSize)
  }

  /// The memory that decoded pictures may take, in bytes.
  private static let cacheSize = 1 << 30

  private static func odds(_ photos: [Photo]) -> [Double] {
    photos.reduce(into: []) {
      $0.append(($0.last ?? 0) + Double($1.width * $1.height).squareRoot())
    }
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
    odds = PhotoLibrary.odds(photos)
    decoded = MemoryCache(limit: PhotoLibrary.cacheSize)
  }

  /// Returns the given depth map of a photograph; nil when it has none.
  func depth(_ number: Int) throws(Problem) -> DepthMap? {
    let photo = photos[number]
    guard let shelf, let entry = photo.depth else { return nil }
    return try shelf.map(entry, width: photo.width, height: photo.height)
  }
}

extension Photo {
  /// A picture of a plan, in the recipe's folders.
  init(_ source: SetPlan.Source, _ recipe: Recipe) {
    let entry = source.entry
    (id, file, folder, sha256) = (entry.id, entry.file, source.folder, entry.sha256)
    path = recipe.folders[source.folder] + "/" + entry.file
    (width, height, channels) = (entry.width, entry.height, entry.channels)
    (depthBits, isJPEG) = (source.depthBits, source.isJPEG)
    var map: DepthEntry?
    if case .given(let given) = recipe.depth, let depth = entry.depth,
      let file = source.depthFile, source.folder < given.folders.count
    {
      map = DepthEntry(
        id: depth.id, file: file, path: given.folders[source.folder] + "/" + file,
        sha256: depth.sha256)
    }
    depth = map
  }

  /// The picture as a plan lists it.
  var planned: SetPlan.Source {
    SetPlan.Source(
      entry: Manifest.Source(
        id: id, file: file, sha256: sha256, width: width, height: height, channels: channels,
        depth: depth.map { Manifest.Source.Depth(id: $0.id, sha256: $0.sha256) }),
      folder: folder, depthBits: depthBits, isJPEG: isJPEG, depthFile: depth?.file)
  }
}
