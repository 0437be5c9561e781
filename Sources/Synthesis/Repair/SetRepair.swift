import Basics
import Glibc
import Records
import Synchronization

/// Makes the damaged and missing files of a finished set again, from its manifest and its sources.
///
/// A shard that is made again takes its name only when it has the digest that the manifest states; an
/// intact one is not touched.
public struct SetRepair: Sendable {
  /// What came of it.
  public struct Result: Sendable {
    /// The names of the files that are as they were written again, in order.
    public fileprivate(set) var restored: [String] = []
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

  /// Reads the manifest.
  ///
  /// - Throws: `Problem` when it is damaged itself: then nothing says what the shards must be.
  public init(manifest path: String, workers: Int) throws(Problem) {
    (self.path, self.workers) = (path, workers)
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
    let damaged = Mutex<[Int]>([])
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
  ///   - progress: Called from any thread with the count of records that are made.
  /// - Throws: `Problem` when the recipe or the list of sources cannot be followed, or another process
  ///   makes shards of the set.
  public func restore(
    _ numbers: [Int], folders: [String] = [], depthFolders: [String] = [],
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Problem) -> Result {
    var result = Result()
    let planner =
      numbers.isEmpty
      ? nil
      : try RecordPlanner(manifest, place: path, folders: folders, depthFolders: depthFolders)
    try whileLocked { () throws(Problem) in
      if let planner { try restoreShards(numbers, planner, &result, progress) }
      result.isStopped = StopSignal.number != nil
      guard !result.isStopped else { return }
      let failed = Set(result.failures.map(\.place))
      try restoreIndexes(except: failed, &result)
      if failed.isEmpty { try restoreLists(&result) }
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

  private func restoreShards(
    _ numbers: [Int], _ planner: RecordPlanner, _ result: inout Result,
    _ progress: @escaping @Sendable (Int) -> Void
  ) throws(Problem) {
    let outcomes = Mutex<[Int: Problem?]>([:])
    let done = Atomic(0)
    try Workers.run(numbers.count, workers: workers) { place throws(Problem) in
      var failure: Problem?
      do throws(Problem) {
        try restore(manifest.shards[numbers[place]], planner) {
          progress(done.add(1, ordering: .relaxed).newValue)
        }
      } catch {
        failure = error
      }
      guard StopSignal.number == nil else { return false }
      outcomes.withLock { $0[place] = .some(failure) }
      return true
    }
    for (place, outcome) in outcomes.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      let file = manifest.shards[numbers[place]].file
      if let outcome {
        // Named by the shard, whatever file the problem is about.
        let place = folder + "/" + file
        let what = outcome.place == place ? outcome.what : "needs \(outcome.place): \(outcome.what)"
        result.failures.append(Problem(place, what, fix: outcome.fix))
      } else {
        result.restored.append(file)
      }
    }
  }

  /// Makes one shard; what stands under its name is replaced only by the right bytes.
  private func restore(_ entry: ShardEntry, _ planner: RecordPlanner, made: () -> Void)
    throws(Problem)
  {
    let path = folder + "/" + entry.file
    let numbers = entry.first..<entry.first + entry.records
    guard numbers.upperBound <= planner.count else {
      throw Problem(
        path, "has record \(numbers.upperBound - 1), the recipe makes \(planner.count)",
        fix: "only sets that 'dcpt-data synth' made can be made again")
    }
    var writer = try ShardWriter(path: path)
    var maker = RecordMaker(planner, textSize: manifest.recordTextSize)
    for index in numbers {
      guard let record = try maker.record(index) else {
        throw Problem(
          path,
          "its label of record \(index) needs more than the set's \(manifest.recordTextSize) bytes",
          fix: "the set was made by another version of dcpt-data" + toolNote)
      }
      try writer.append(record)
      made()
      if StopSignal.number != nil { return }
    }
    do throws(Problem) {
      _ = try writer.finish(expecting: entry.sha256)
    } catch {
      throw Problem(error.place, error.what, fix: error.fix + toolNote)
    }
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
  /// Writes the indexes that do not fit their shards.
  private func restoreIndexes(except failed: Set<String>, _ result: inout Result) throws(Problem) {
    let restored = Mutex<[String]>([])
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
  private func restoreLists(_ result: inout Result) throws(Problem) {
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
