import Basics
import Degradations
import Glibc
import Images
import Records
import Synchronization

/// Makes shards of a data set of real pairs.
///
/// The same files and settings give the same bytes for any number of workers; finished shards are
/// checked and kept when a run that was ended is started again.
public struct PairImporter: Sendable {
  /// How pictures become records.
  public struct Settings: Sendable {
    /// The side of the tiles; nil stores pictures whole.
    public var tile: Int?
    /// By how many pixels tiles overlap at least.
    public var overlap = 0
    /// Records in a shard.
    public var recordsPerShard = 64

    /// Creates those of whole pictures.
    public init() {}
  }

  /// The side of the smallest picture that is taken: SSIM needs a window.
  private static let smallest = 16

  /// Files that became no record, and why.
  public let setAside: [Manifest.SetAside]
  /// The number of records.
  public var count: Int { parts.count }

  private let parts: [ImportedPart]
  private let pictures: [ImportedPart.Measured]
  private let classes: [String]
  private let layout: PairLayout
  private let split: Split
  private let settings: Settings
  private let workers: Int

  /// Finds and measures the pairs of a layout's split below a folder.
  ///
  /// - Parameter classSet: The class set whose numbers the labels take; nil takes the layout's.
  /// - Throws: `Problem` when no pair is there, or a class is not in the set.
  public init(
    _ layout: PairLayout, split: Split, in folder: String, classSet: String?, settings: Settings,
    workers: Int, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    try self.init(
      layout, split, try PairSearch(layout, split: split, in: folder), classSet, settings, workers,
      progress)
  }

  /// Finds and measures the pairs of two folders that have the same names.
  public init(
    lq: String, gt: String, class name: String, split: Split, classSet: String?, settings: Settings,
    workers: Int, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    try self.init(
      PairLayout(class: name), split, try PairSearch(lq: lq, gt: gt, class: name), classSet,
      settings, workers, progress)
  }

  private init(
    _ layout: PairLayout, _ split: Split, _ search: PairSearch, _ classSet: String?,
    _ settings: Settings, _ workers: Int, _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) {
    (self.layout, self.split, self.settings, self.workers) = (layout, split, settings, workers)
    let found = search.pairs.map(\.className)
    if let name = classSet ?? layout.classSet {
      let set = try ClassSet.named(name)
      for name in Set(found).sorted() { _ = try set.number(of: name) }
      classes = set.classes
    } else {
      classes = found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.sorted()
    }
    let measured = try PairImporter.measured(search.pairs, workers, progress)
    var (pictures, setAside): ([ImportedPart.Measured], [Manifest.SetAside]) = ([], search.setAside)
    for result in measured {
      switch result {
      case .success(let picture): pictures.append(picture)
      case .failure(let unusable): setAside.append(unusable.entry)
      }
    }
    (self.pictures, self.setAside) = (pictures, setAside)
    parts = pictures.flatMap {
      ImportedPart.parts(of: $0, tile: settings.tile, overlap: settings.overlap)
    }
    guard !parts.isEmpty else {
      throw Problem(
        search.pairs[0].lqPath, "and all other pictures cannot be used",
        fix: setAside.last.map { "the last: \($0.file) \($0.reason)" } ?? "")
    }
  }

  // MARK: Measuring

  private struct Unusable: Error {
    let entry: Manifest.SetAside
  }

  private static func measured(
    _ pairs: [PairSearch.Pair], _ workers: Int,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) -> [Result<ImportedPart.Measured, Unusable>] {
    let results = Mutex<[Int: Result<ImportedPart.Measured, Unusable>]>([:])
    let isComplete = try Workers.run(pairs.count, workers: workers) { i throws(Problem) in
      let result = measure(pairs[i])
      let done = results.withLock { results in
        results[i] = result
        return results.count
      }
      progress(done, pairs.count)
      return StopSignal.number == nil
    }
    guard isComplete else { throw Problem("import", "was stopped before anything was written") }
    return results.withLock { results in pairs.indices.compactMap { results[$0] } }
  }

  private static func measure(_ pair: PairSearch.Pair) -> Result<ImportedPart.Measured, Unusable> {
    func unusable(_ file: String, _ reason: String) -> Result<ImportedPart.Measured, Unusable> {
      .failure(Unusable(entry: .init(file: file, reason: reason)))
    }
    var files: [(sha: String, picture: Picture)] = []
    for (path, id) in [(pair.gtPath, pair.gtID), (pair.lqPath, pair.lqID)] {
      do throws(Problem) {
        let file = try readFile(path)
        files.append((Digest.sha256(file), try PictureFile.decode(file, place: path)))
      } catch {
        return unusable(id, error.what)
      }
    }
    let (gt, lq) = (files[0].picture.image, files[1].picture.image)
    guard gt.width == lq.width, gt.height == lq.height else {
      return unusable(
        pair.lqID,
        "has \(lq.width)x\(lq.height) pixels, its gt \(pair.gtID) \(gt.width)x\(gt.height)")
    }
    guard min(gt.width, gt.height) >= smallest else {
      return unusable(
        pair.lqID, "has \(gt.width)x\(gt.height) pixels, fewer than \(smallest) on a side")
    }
    return .success(
      ImportedPart.Measured(
        pair: pair, gtSHA: files[0].sha, lqSHA: files[1].sha, width: gt.width, height: gt.height,
        depthBits: files[0].picture.depthBits, isJPEG: files[0].picture.isJPEG,
        channels: SourceChannels(
          droppedAlpha: files[0].picture.hadAlpha, replicatedGray: gt.channels == 1)))
  }

  // MARK: Writing

  /// Writes the set into a folder, which is created when it is missing.
  ///
  /// - Parameter progress: Called with the number of records that are done, from any thread.
  /// - Returns: The manifest; nil when a signal ended the run, whose finished shards are kept.
  /// - Throws: `Problem` when the folder holds another set, the disk is full, or a picture is gone.
  public func run(into folder: String, progress: @escaping @Sendable (Int) -> Void = { _ in })
    throws(Problem) -> Manifest?
  {
    try createFolder(folder)
    try checkFolder(folder)
    let textSize = self.textSize
    let shards = (count + settings.recordsPerShard - 1) / settings.recordsPerShard
    let entries = Mutex<[Int: ShardEntry]>([:])
    let done = Atomic(0)
    let isComplete = try Workers.run(shards, workers: workers) { shard throws(Problem) in
      let job = ImportJob(shard, self, parts, classes, folder, textSize)
      let entry = try job.run {
        progress(done.add($0, ordering: .relaxed).newValue)
        return StopSignal.number == nil
      }
      guard let entry else { return false }
      entries.withLock { $0[shard] = entry }
      return true
    }
    guard isComplete else { return nil }
    let manifest = manifest(
      entries.withLock { all in (0..<shards).compactMap { all[$0] } }, textSize)
    try DataSetSums.write(manifest, in: folder)
    try manifest.write(to: folder + "/" + Manifest.fileName)
    return manifest
  }

  /// The numbers of a shard's records.
  func numbers(_ shard: Int) -> Range<Int> {
    let first = shard * settings.recordsPerShard
    return first..<min(first + settings.recordsPerShard, count)
  }

  /// Room for every label: all but the origin is of bounded length.
  private var textSize: Int {
    let longest = parts.reduce(0) {
      max($0, $1.origin.source.compact.utf8.count + 2 * $1.source.pair.className.utf8.count)
    }
    return (longest + 1024 + 2047) / 2048 * 2048
  }

  /// A folder with another set is left alone.
  private func checkFolder(_ folder: String) throws(Problem) {
    let path = folder + "/" + Manifest.fileName
    guard access(path, F_OK) == 0 else { return }
    let other = try Manifest(reading: path)
    guard other.recipe == recipe, other.split == split.rawValue else {
      throw Problem(
        folder, "holds the data set '\(other.name)'",
        fix: "choose another folder for --out, or remove this one")
    }
  }

  private var recipe: JSON {
    [
      "import": layout.resolved, "tile": settings.tile.map { .integer($0) } ?? .null,
      "overlap": .integer(settings.overlap),
      "records_per_shard": .integer(settings.recordsPerShard),
    ]
  }

  private func manifest(_ shards: [ShardEntry], _ textSize: Int) -> Manifest {
    var seen: Set<String> = []
    var sources: [Manifest.Source] = []
    for one in pictures {
      let files = [(one.pair.gtID, one.gtSHA, one.channels), (one.pair.lqID, one.lqSHA, .plain)]
      for (id, sha, channels) in files where seen.insert(id).inserted {
        sources.append(
          Manifest.Source(
            id: id, file: id, sha256: sha, width: one.width, height: one.height, channels: channels)
        )
      }
    }
    return Manifest(
      name: layout.name, split: split.rawValue, tool: Provenance.tool, recipe: recipe, seed: 0,
      classes: classes, recordTextSize: textSize, sources: sources, setAside: setAside,
      shards: shards)
  }
}
