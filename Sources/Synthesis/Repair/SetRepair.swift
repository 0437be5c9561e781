import Basics
import Glibc
import Records
import Synchronization

/// Makes the damaged and missing files of a finished set again, from its manifest and its sources.
///
/// A shard that is made again takes its name only when it has the digest that the manifest states; an
/// intact one is not touched. PNG files that come out otherwise, since zlib is another one, may be accepted
/// for their pixels: the digest of the shard's raw form proves these.
public struct SetRepair: Sendable {
  /// What came of it.
  public struct Result: Sendable {
    /// The names of the files that are as they were written again, in order.
    public fileprivate(set) var restored: [String] = []
    /// The names of shards whose pixels are restored, in PNG files of other bytes than the manifest stated.
    public fileprivate(set) var accepted: [String] = []
    /// The set's identity, which is another one when there are such shards.
    public fileprivate(set) var datasetID: String
    /// Why shards could not be restored, in their order.
    public fileprivate(set) var failures: [Problem] = []
    /// Whether a signal ended the work early.
    public fileprivate(set) var isStopped = false
  }

  /// The set.
  public let manifest: Manifest
  private let path: String
  private let folder: String
  private let workers: Int
  private let acceptsPixels: Bool

  /// Reads the manifest.
  ///
  /// - Parameter acceptsPixels: Whether shards of PNG files are replaced by others of the same pixels; the
  ///   manifest is then written anew.
  /// - Throws: `Problem` when it is damaged itself: then nothing says what the shards must be.
  public init(manifest path: String, workers: Int, acceptsPixels: Bool = false) throws(Problem) {
    (self.path, self.workers, self.acceptsPixels) = (path, workers, acceptsPixels)
    folder = Manifest.folder(of: path)
    manifest = try Manifest(reading: path)
    for (number, entry) in manifest.shards.enumerated()
    where entry.file != ShardEntry.fileName(number) {
      throw Problem(
        path, "shard \(number) is called '\(entry.file)', not '\(ShardEntry.fileName(number))'",
        fix: "only sets that 'dcpt-data synth' made can be made again")
    }
  }

  /// Hashes every shard.
  ///
  /// - Parameter progress: Called from any thread with the bytes that are done, and their number.
  /// - Returns: The numbers of those that are missing or not what the manifest says.
  public func damagedShards(progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in })
    throws(Problem) -> [Int]
  {
    let total = manifest.shards.reduce(0) { $0 + $1.bytes }
    let damaged = Locked<[Int]>([])
    let done = Atomic(0)
    try Workers.run(manifest.shards.count, workers: workers) { number throws(Problem) in
      let entry = manifest.shards[number]
      let check = ShardCheck(entry, of: manifest, in: folder, level: .digests) { n in
        progress(done.add(n, ordering: .relaxed).newValue, total)
      }
      if !check.findings.isEmpty { damaged.withLock { $0.append(number) } }
      return StopSignal.number == nil
    }
    return damaged.withLock { $0.sorted() }
  }

  /// Makes shards again, and then whatever is damaged of the files beside them.
  ///
  /// - Parameters:
  ///   - numbers: What `damagedShards` found.
  ///   - folders: The folders of the clean pictures, in the order of `synth`; empty for those that
  ///     the recipe names, below the current folder.
  ///   - depthFolders: The folders of the depth maps, likewise.
  ///   - parents: The manifests of the sets that it was repacked from, to take its records from them.
  ///   - progress: Called from any thread with the count of records that are made.
  /// - Throws: `Problem` when recipe, list of sources or parents cannot be followed, or another process
  ///   makes shards of the set.
  public func restore(
    _ numbers: [Int], folders: [String] = [], depthFolders: [String] = [],
    parents: [String] = [], progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Problem) -> Result {
    let origin =
      numbers.isEmpty
      ? nil
      : try RecordOrigin(
        manifest, place: path, folders: folders, depthFolders: depthFolders, parents: parents,
        workers: workers)
    var result = Result(datasetID: manifest.datasetID)
    try whileLocked { () throws(Problem) in
      try restore(numbers, origin, &result, progress)
    }
    return result
  }

  /// Calls `body` while no other process can make or mend shards of the set.
  private func whileLocked(_ body: () throws(Problem) -> Void) throws(Problem) {
    // Where nothing can be written an intact set needs no lock; others fail at their first file.
    guard access(folder, W_OK) == 0 else { return try body() }
    let locks = try ShardLocks(ShardList(all: manifest.shards.count), of: folder)
    defer { locks.removeUnusedFolder() }
    locks.removeLeftovers(and: [Manifest.fileName, DataSetSums.fileName])
    try body()
  }

  private func restore(
    _ numbers: [Int], _ origin: RecordOrigin?, _ result: inout Result,
    _ progress: @escaping @Sendable (Int) -> Void
  ) throws(Problem) {
    var restored = manifest
    if let origin { restored.shards = try restoreShards(numbers, origin, &result, progress) }
    result.isStopped = StopSignal.number != nil
    // Shards that are replaced already must not be at odds with their manifest, however this ends.
    if !result.accepted.isEmpty { try rewriteManifest(restored, &result) }
    guard !result.isStopped else { return }
    let failed = Set(result.failures.map(\.place))
    try restoreIndexes(of: restored, except: failed, &result)
    if failed.isEmpty { try restoreLists(restored, &result) }
  }

  /// Makes shards; returns the lines of all shards, which differ where other PNG files were accepted.
  private func restoreShards(
    _ numbers: [Int], _ origin: RecordOrigin, _ result: inout Result,
    _ progress: @escaping @Sendable (Int) -> Void
  ) throws(Problem) -> [ShardEntry] {
    let outcomes = Locked<[Int: Swift.Result<ShardEntry, Problem>]>([:])
    let done = Atomic(0)
    try Workers.run(numbers.count, workers: workers) { place throws(Problem) in
      var outcome: Swift.Result<ShardEntry, Problem>?
      do throws(Problem) {
        let entry = try restore(manifest.shards[numbers[place]], origin) {
          progress(done.add(1, ordering: .relaxed).newValue)
        }
        outcome = entry.map { .success($0) }
      } catch {
        outcome = .failure(error)
      }
      // What has its name is noted even when a signal came meanwhile.
      if let outcome { outcomes.withLock { $0[place] = outcome } }
      return StopSignal.number == nil
    }
    var entries = manifest.shards
    for (place, outcome) in outcomes.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      let file = manifest.shards[numbers[place]].file
      switch outcome {
      case .failure(let problem):
        // Named by the shard, whatever file the problem is about.
        let place = folder + "/" + file
        let what = problem.place == place ? problem.what : "needs \(problem.place): \(problem.what)"
        result.failures.append(Problem(place, what, fix: problem.fix))
      case .success(let entry) where entry.sha256 == entries[numbers[place]].sha256:
        result.restored.append(file)
      case .success(let entry):
        result.accepted.append(file)
        entries[numbers[place]] = entry
      }
    }
    return entries
  }

  /// Makes one shard; what stands under its name is replaced only by the right bytes, or the right pixels.
  ///
  /// - Returns: Its line in the manifest; nil when a signal ended the work.
  private func restore(_ entry: ShardEntry, _ origin: RecordOrigin, made: () -> Void)
    throws(Problem) -> ShardEntry?
  {
    let path = folder + "/" + entry.file
    let numbers = entry.first..<entry.first + entry.records
    guard numbers.upperBound <= origin.count else {
      throw Problem(
        path, "has record \(numbers.upperBound - 1), the recipe makes \(origin.count)",
        fix: "only sets that 'dcpt-data synth' made can be made again")
    }
    let settings = entry.png ?? manifest.png
    var writer = try FormShardWriter(
      path: path, png: settings.map { PNGSettings(level: $0.level) })
    var maker = origin.maker(textSize: manifest.recordTextSize)
    for index in numbers {
      guard let record = try maker.record(index) else {
        throw Problem(
          path,
          "its label of record \(index) needs more than the set's \(manifest.recordTextSize) bytes",
          fix: "the set was made by another version of dcpt-data" + toolNote)
      }
      try writer.append(record)
      made()
      if StopSignal.number != nil { return nil }
    }
    var restored = try writer.finish(first: entry.first, classes: entry.classes) {
      found throws(Problem) in try check(found, against: entry, path)
    }
    if let settings, restored.sha256 != entry.sha256 {
      restored.png = PNGSettings(level: settings.level)
    }
    return restored
  }

  /// Compares a shard that is made with the one that is wanted, before it has its name.
  private func check(_ made: ShardEntry, against entry: ShardEntry, _ path: String)
    throws(Problem)
  {
    guard made.sha256 != entry.sha256 else { return }
    guard let settings = entry.png ?? manifest.png, made.raw == entry.raw else {
      throw Problem(
        path, "made again it has SHA-256 \(made.sha256), its set says \(entry.sha256)",
        fix: "recipe, pictures or program are not those of the set; nothing was replaced" + toolNote
      )
    }
    guard !acceptsPixels else { return }
    throw Problem(
      path,
      "made again it has the same pixels and labels, but other PNG files: written with \(settings), now "
        + "with \(PNGSettings(level: settings.level))",
      fix:
        "add --accept-pixels to take them; the manifest, and so the dataset_id, changes with them")
  }

  /// Which programs made the set and make it now, when they differ.
  private var toolNote: String {
    let (made, own) = (manifest.tool, Provenance.tool)
    guard made != own else { return "" }
    return "; the set was made by \(made.compact), this is \(own.compact)"
  }
}

// MARK: The files beside the shards

extension SetRepair {
  /// Writes the manifest with shards that were accepted.
  private func rewriteManifest(_ restored: Manifest, _ result: inout Result) throws(Problem) {
    try restored.write(to: path)
    result.datasetID = restored.datasetID
  }

  /// Writes the indexes that do not fit their shards.
  private func restoreIndexes(
    of manifest: Manifest, except failed: Set<String>, _ result: inout Result
  ) throws(Problem) {
    let restored = Locked<[String]>([])
    let entries = manifest.shards.filter { !failed.contains(folder + "/" + $0.file) }
    try Workers.run(entries.count, workers: workers) { number throws(Problem) in
      let entry = entries[number]
      let shard = try MappedFile(folder + "/" + entry.file, expecting: entry.bytes)
      let text = ShardIndex(scanning: shard.bytes).daliIndex
      if try rewrite(entry.indexFile, text) { restored.withLock { $0.append(entry.indexFile) } }
      return true
    }
    result.restored += restored.withLock { $0.sorted() }
  }

  /// Writes the manifest in its own form when only the blanks between its values were changed, and the
  /// list of digests when it does not fit.
  private func restoreLists(_ manifest: Manifest, _ result: inout Result) throws(Problem) {
    let stated = DataSetSums.digest(of: Manifest.fileName, in: folder)
    var own = try Digest.file(path).sha256
    let pretty = Digest.sha256(Array(manifest.json.pretty.utf8))
    if own != pretty, stated == pretty {
      try manifest.write(to: path)
      result.restored.append(Manifest.fileName)
      own = pretty
    }
    let text = try DataSetSums.text(manifest, in: folder, own: own)
    if try rewrite(DataSetSums.fileName, text) { result.restored.append(DataSetSums.fileName) }
  }

  /// Writes a file unless it has that content; returns whether it did.
  private func rewrite(_ name: String, _ text: String) throws(Problem) -> Bool {
    let path = folder + "/" + name
    if let content = try? readFile(path), content.elementsEqual(text.utf8) { return false }
    try AtomicFile.write(text, to: path)
    return true
  }
}
