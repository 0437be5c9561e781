import Basics
import Glibc
import Images
import Records

/// Finds the photographs of a split in the recipe's folders, and says why others are not used.
///
/// A folder with subfolders named after the splits is split already. The pictures of the others are
/// ordered by the SHA-256 of their files and cut by the recipe's shares: the order has nothing to do
/// with names or content, and equal files stay together.
struct PhotoSearch {
  private(set) var photos: [Photo] = []
  private(set) var aside: [Manifest.SetAside] = []

  private let recipe: Recipe
  private let shelf: DepthShelf?
  private let split: Split
  private var files: [File] = []
  /// The folders that are split already, by the start of the ids of their pictures.
  private var splitFolders: [(folder: String, name: String)] = []

  private struct File: Sendable {
    let folder: String
    /// The folder's place among those of the recipe.
    let number: Int
    /// The path below the folder.
    let path: String
    let id: String
  }

  private enum Outcome {
    case usable(Photo)
    case setAside(Manifest.SetAside)
  }

  /// Lists the files.
  init(_ recipe: Recipe, _ split: Split, _ shelf: DepthShelf?) throws(Problem) {
    (self.recipe, self.split, self.shelf) = (recipe, split, shelf)
    for (number, (folder, name)) in zip(recipe.folders, recipe.folderNames).enumerated() {
      let isSplit = Split.allCases.contains { access("\(folder)/\($0.rawValue)/.", F_OK) == 0 }
      if isSplit { splitFolders.append((folder, name)) }
      let below = isSplit ? split.rawValue + "/" : ""
      for path in try PictureFile.list(isSplit ? "\(folder)/\(split.rawValue)" : folder) {
        files.append(
          File(
            folder: folder, number: number, path: below + path, id: "\(name)/\(below)\(path)"))
      }
    }
  }

  /// Decodes every picture whole: only that shows whether it can be used.
  mutating func scan(
    _ workers: Int, _ cache: MemoryCache<StoredPicture>,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) {
    let (files, shelf) = (files, shelf)
    let outcomes = Locked<[Int: Outcome]>([:])
    let isComplete = try Workers.run(files.count, workers: workers) { i throws(Problem) in
      let outcome = PhotoSearch.look(at: files[i], cache, shelf)
      let done = outcomes.withLock {
        $0[i] = outcome
        return $0.count
      }
      progress(done, files.count)
      return StopSignal.number == nil
    }
    guard isComplete else { throw Problem("clean", "stopped while the pictures were looked at") }
    for outcome in outcomes.withLock({ found in files.indices.compactMap { found[$0] } }) {
      switch outcome {
      case .usable(let photo): photos.append(photo)
      case .setAside(let entry): aside.append(entry)
      }
    }
  }

  private static func look(
    at file: File, _ cache: MemoryCache<StoredPicture>, _ shelf: DepthShelf?
  ) -> Outcome {
    let path = file.folder + "/" + file.path
    do throws(Problem) {
      let bytes = try readFile(path)
      let picture = try PictureFile.decode(bytes, place: path)
      let (width, height) = (picture.image.width, picture.image.height)
      let depth = try shelf?.find(file.path, folder: file.number, width: width, height: height)
      cache[path] = StoredPicture(picture)
      return .usable(
        Photo(
          id: file.id, file: file.path, folder: file.number, path: path,
          sha256: Digest.sha256(bytes), width: width, height: height, depthBits: picture.depthBits,
          isJPEG: picture.isJPEG,
          channels: SourceChannels(
            droppedAlpha: picture.hadAlpha, replicatedGray: picture.image.channels == 1),
          depth: depth))
    } catch {
      return .setAside(Manifest.SetAside(file: file.id, reason: error.what))
    }
  }

  /// Keeps the first of equal files, and none that a split which is used later has too.
  mutating func setTwinsAside() {
    var seen = laterFiles()
    keep { photo in
      if let twin = seen[photo.sha256] { return "is the same file as \(twin)" }
      seen[photo.sha256] = photo.id
      return nil
    }
  }

  /// The files of the splits behind this one in folders that are split already: what is tested must
  /// not have been learnt.
  private func laterFiles() -> [String: String] {
    var found: [String: String] = [:]
    for (folder, name) in splitFolders {
      for later in Split.allCases where later.number > split.number {
        let below = later.rawValue
        for path in (try? PictureFile.list("\(folder)/\(below)")) ?? [] {
          guard let bytes = try? readFile("\(folder)/\(below)/\(path)") else { continue }
          found[Digest.sha256(bytes)] = "\(name)/\(below)/\(path)"
        }
      }
    }
    return found
  }

  /// Leaves the other splits' share of the folders that are not split already to them.
  mutating func keepSplit() {
    let shared = photos.filter { !isSplitAlready($0) }.sorted { $0.sha256 < $1.sha256 }
    var cuts = [0]
    var sum = 0.0
    for split in Split.allCases {
      sum += recipe.shares[split] ?? 0
      cuts.append(Int((sum * Double(shared.count)).rounded()))
    }
    let number = Int(split.number)
    photos = photos.filter(isSplitAlready) + shared[cuts[number]..<cuts[number + 1]]
  }

  private func isSplitAlready(_ photo: Photo) -> Bool {
    splitFolders.contains { photo.id.hasPrefix($0.name + "/") }
  }

  /// Keeps pictures at least as large as a patch; only the patches of tests may be filled up, for a
  /// network must not learn from mirrored margins.
  mutating func setSmallAside() {
    guard recipe.crop == .random else { return }
    let size = recipe.size
    keep { photo in
      min(photo.width, photo.height) >= size
        ? nil : "has \(photo.width)x\(photo.height) pixels, less than the patch of \(size)"
    }
  }

  /// Sets aside the photographs for which `reason` gives one.
  private mutating func keep(unless reason: (Photo) -> String?) {
    var kept: [Photo] = []
    for photo in photos {
      if let reason = reason(photo) {
        aside.append(Manifest.SetAside(file: photo.id, reason: reason))
      } else {
        kept.append(photo)
      }
    }
    photos = kept
  }

  /// The problem of a search that left no picture.
  var nothingFound: Problem {
    guard !recipe.folders.isEmpty else {
      return Problem("clean", "no folder of clean pictures is given", fix: "add --clean FOLDER")
    }
    let first = aside.first.map { "; \($0.file) \($0.reason)" } ?? ""
    return Problem(
      recipe.folders.joined(separator: ", "),
      "no usable picture for the split \(split.rawValue), \(aside.count) set aside\(first)",
      fix: "give folders with PNG, JPEG, TIFF or WebP pictures, or another --split")
  }
}
