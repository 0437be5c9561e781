import Basics
import Glibc
import Images
import Records
import Synchronization

/// The photographs of one split: checked, split by content, decoded when needed.
public final class PhotoLibrary: Sendable {
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
  }

  let photos: [Photo]
  let setAside: [Manifest.SetAside]
  /// The sum of the odds up to and with each photograph: the root of its area, since a large one has
  /// more patches to offer, but not so many that are unlike each other.
  let odds: [Double]
  private let decoded: PictureCache

  /// Reads every picture of the recipe's folders once, and keeps those of the split.
  ///
  /// A folder with subfolders named after the splits is split already; the others are ordered by the
  /// SHA-256 of their files and cut by the recipe's shares, so that equal files stay together.
  init(
    _ recipe: Recipe, split: Split, workers: Int,
    progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) {
    let cache = PictureCache()
    var files: [(folder: String, file: String, isSplit: Bool)] = []
    for folder in recipe.folders {
      let isSplit = PhotoLibrary.isSplit(folder)
      let below = isSplit ? split.rawValue + "/" : ""
      for file in try PictureFile.list(isSplit ? folder + "/" + split.rawValue : folder) {
        files.append((folder, below + file, isSplit))
      }
    }
    let scan = try PhotoLibrary.scan(files.map { ($0.folder, $0.file) }, workers, cache, progress)
    var kept: [Photo] = []
    var aside: [Manifest.SetAside] = []
    var seen: [String: String] = [:]
    var shared: [Photo] = []
    for (found, file) in zip(scan, files) {
      switch found {
      case .failure(let reason): aside.append(reason)
      case .success(let photo):
        if let twin = seen.updateValue(photo.id, forKey: photo.sha256) {
          aside.append(Manifest.SetAside(file: photo.id, reason: "is the same file as \(twin)"))
        } else if file.isSplit {
          kept.append(photo)
        } else {
          shared.append(photo)
        }
      }
    }
    kept += PhotoLibrary.part(split, of: shared, recipe.shares)
    // A patch must not be padded where the network learns from it.
    let mayPad = recipe.crop == .centre
    let large = kept.filter { mayPad || min($0.width, $0.height) >= recipe.size }
    let ids = Set(large.map(\.id))
    aside += kept.filter { !ids.contains($0.id) }.map {
      Manifest.SetAside(
        file: $0.id,
        reason: "has \($0.width)x\($0.height) pixels, less than the patch of \(recipe.size)")
    }
    guard !large.isEmpty else { throw PhotoLibrary.nothing(recipe.folders, split, aside) }
    photos = large.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    setAside = aside.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
    odds = photos.reduce(into: []) {
      $0.append(($0.last ?? 0) + Double($1.width * $1.height).squareRoot())
    }
    decoded = cache
  }

  /// Returns the pixels of a photograph as RGB on sRGB codes.
  func picture(_ number: Int) throws(Problem) -> StoredPicture {
    let photo = photos[number]
    if let picture = decoded[photo.path] { return picture }
    let picture = StoredPicture(try PictureFile.read(photo.path))
    decoded[photo.path] = picture
    return picture
  }
}

extension PhotoLibrary {
  private enum Scanned {
    case success(Photo)
    case failure(Manifest.SetAside)
  }

  private static func scan(
    _ files: [(folder: String, file: String)], _ workers: Int, _ cache: PictureCache,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) -> [Scanned] {
    let found = Mutex<[Int: Scanned]>([:])
    let isComplete = try Workers.run(files.count, workers: workers) { i throws(Problem) in
      let scanned = scan(files[i].folder, files[i].file, cache)
      let done = found.withLock {
        $0[i] = scanned
        return $0.count
      }
      progress(done, files.count)
      return StopSignal.number == nil
    }
    guard isComplete else { throw Problem("clean", "stopped while the pictures were looked at") }
    return found.withLock { found in files.indices.compactMap { found[$0] } }
  }

  /// Decodes a picture whole: only that shows whether it can be used.
  private static func scan(_ folder: String, _ file: String, _ cache: PictureCache) -> Scanned {
    let id = lastName(of: folder) + "/" + file
    let path = folder + "/" + file
    do throws(Problem) {
      let bytes = try readFile(path)
      let picture = try PictureFile.decode(bytes, place: path)
      cache[path] = StoredPicture(picture)
      return .success(
        Photo(
          id: id, file: file, path: path, sha256: Digest.sha256(bytes), width: picture.image.width,
          height: picture.image.height, depthBits: picture.depthBits, isJPEG: picture.isJPEG))
    } catch {
      return .failure(Manifest.SetAside(file: id, reason: error.what))
    }
  }

  private static func isSplit(_ folder: String) -> Bool {
    Split.allCases.contains { access("\(folder)/\($0.rawValue)/.", F_OK) == 0 }
  }

  /// The photographs that fall to a split when their files are ordered by content.
  private static func part(_ split: Split, of photos: [Photo], _ shares: [Split: Double]) -> [Photo]
  {
    let ordered = photos.sorted { $0.sha256 < $1.sha256 }
    var cuts = [0]
    var sum = 0.0
    for split in Split.allCases {
      sum += shares[split] ?? 0
      cuts.append(Int((sum * Double(ordered.count)).rounded()))
    }
    let number = Int(split.number)
    return Array(ordered[cuts[number]..<cuts[number + 1]])
  }

  private static func nothing(_ folders: [String], _ split: Split, _ aside: [Manifest.SetAside])
    -> Problem
  {
    let place = folders.joined(separator: ", ")
    guard !folders.isEmpty else {
      return Problem("clean", "no folder of clean pictures is given", fix: "add --clean FOLDER")
    }
    let first = aside.first.map { "; \($0.file) \($0.reason)" } ?? ""
    return Problem(
      place, "no usable picture for the split \(split.rawValue), \(aside.count) set aside\(first)",
      fix: "give folders with PNG, JPEG, TIFF or WebP pictures, or another --split")
  }
}
