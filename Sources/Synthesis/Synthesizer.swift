import Basics
import Degradations
import Glibc
import Records
import Synchronization

/// Makes a data set: shards first, the manifest last.
///
/// The same recipe, seed and sources give the same bytes for any number of workers. A run that was
/// ended at any moment goes on where it was when started again: finished shards are checked and kept.
public struct Synthesizer: Sendable {
  /// The least bytes of a record's JSON; larger sizes are multiples of it.
  private static let textUnit = 2048

  /// What is made.
  public let recipe: Recipe
  /// The part of the clean sources that it is made from.
  public let split: Split
  private let planner: RecordPlanner
  private let workers: Int

  /// The number of records in the set.
  public var count: Int { planner.count }
  /// The clean pictures that could not be used.
  public var setAside: [Manifest.SetAside] { planner.source.setAside }

  /// Prepares the clean sources.
  ///
  /// - Parameter scanned: Called with the pictures looked at so far, and their number.
  /// - Throws: `Problem` naming a folder that is missing or holds no usable picture.
  public init(
    _ recipe: Recipe, split: Split, workers: Int,
    scanned: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    (self.recipe, self.split, self.workers) = (recipe, split, workers)
    for name in recipe.classes.flatMap(\.degradations) {
      _ = try DegradationCatalog.type(named: name, form: recipe.form)
    }
    let source = try CleanSource(recipe, split: split, workers: workers, progress: scanned)
    planner = RecordPlanner(recipe, split, source)
  }

  /// Writes the set into a folder, which is created when it is missing.
  ///
  /// - Parameter progress: Called with the number of records that are done, from any thread.
  /// - Returns: The manifest; nil when a signal ended the run, whose finished shards are kept.
  /// - Throws: `Problem` when the folder holds another set, the disk is full, or a picture is gone.
  public func run(into folder: String, progress: @escaping @Sendable (Int) -> Void = { _ in })
    throws(Problem) -> Manifest?
  {
    try createFolder(folder)
    let identity = Draft.identity(
      recipe: recipe.json, split: split.rawValue, tool: Provenance.tool,
      sources: planner.source.manifestEntries)
    var draft = try Draft(folder, identity: identity, textSize: Synthesizer.textUnit)
    while true {
      do throws(Shortage) {
        guard let entries = try shards(folder, draft.textSize, progress) else { return nil }
        return try publish(entries, folder, draft)
      } catch {
        if case .problem(let problem) = error { throw problem }
        // A label did not fit: all shards are made again with more room, so that all are alike.
        try draft.enlarge(by: Synthesizer.textUnit)
      }
    }
  }

  /// Makes all shards, each by one worker; nil when a signal ended the work.
  private func shards(
    _ folder: String, _ textSize: Int, _ progress: @escaping @Sendable (Int) -> Void
  ) throws(Shortage) -> [ShardEntry]? {
    let number = (count + recipe.recordsPerShard - 1) / recipe.recordsPerShard
    let entries = Mutex<[Int: ShardEntry]>([:])
    let done = Atomic(0)
    let isTooShort = Atomic(false)
    let isComplete: Bool
    do throws(Problem) {
      isComplete = try Workers.run(number, workers: workers) { shard throws(Problem) in
        let job = ShardJob(shard, planner, folder, textSize)
        let result = try job.run { n in
          progress(done.add(n, ordering: .relaxed).newValue)
          return StopSignal.number == nil && !isTooShort.load(ordering: .relaxed)
        }
        switch result {
        case .made(let entry): entries.withLock { $0[shard] = entry }
        case .labelTooLong: isTooShort.store(true, ordering: .relaxed)
        case .stopped: break
        }
        if case .made = result { return true }
        return false
      }
    } catch {
      throw .problem(error)
    }
    if isTooShort.load(ordering: .relaxed) { throw .text }
    guard isComplete else { return nil }
    return entries.withLock { entries in (0..<number).compactMap { entries[$0] } }
  }

  private func publish(_ entries: [ShardEntry], _ folder: String, _ draft: Draft)
    throws(Shortage) -> Manifest
  {
    let manifest = Manifest(
      name: recipe.name, split: split.rawValue, tool: Provenance.tool, recipe: recipe.json,
      seed: UInt64(recipe.seed), classes: recipe.classSet.classes, recordTextSize: draft.textSize,
      sources: planner.source.manifestEntries, setAside: setAside, shards: entries)
    do throws(Problem) {
      try DataSetSums.write(manifest, in: folder)
      try manifest.write(to: folder + "/" + Manifest.fileName)
    } catch {
      throw .problem(error)
    }
    draft.remove()
    return manifest
  }
}

/// Why a pass over the shards ended early.
private enum Shortage: Error {
  case problem(Problem)
  /// A label needs more bytes than the set gives it.
  case text
}
