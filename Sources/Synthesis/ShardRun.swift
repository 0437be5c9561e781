import Basics
import Records
import Synchronization

/// Makes shards of a set in a folder: what synthesis, import and repacking have in common.
///
/// Shards are made first, the manifest last. A run that was ended at any moment goes on where it was when
/// started again: shards that have the bytes they were finished with are kept.
struct ShardRun<Content: PlannedSet>: Sendable {
  let content: Content
  let workers: Int
  /// Called with the number of records that are done, from any thread.
  let progress: @Sendable (Int) -> Void

  /// Makes the whole set in a folder, which is created when it is missing.
  ///
  /// - Parameter resumes: Whether a manifest that is lost or damaged is made again.
  /// - Returns: The manifest; nil when a signal ended the run, whose finished shards are kept.
  /// - Throws: `Problem` when the folder holds another set, another process makes one of its shards,
  ///   or a record cannot be made or written.
  func make(in folder: String, resumes: Bool) throws(Problem) -> Manifest? {
    try createFolder(folder)
    let all = ShardList(all: content.shards)
    var draft = try Draft(folder, plan: content, shards: all, resumes: resumes)
    do throws(Problem) {
      guard let entries = try make(all, &draft) else { return nil }
      let manifest = content.manifest(entries, textSize: draft.textSize)
      try draft.seal(manifest)
      return manifest
    } catch {
      draft.leave()
      throw error
    }
  }

  /// Makes shards until the labels of all have room; nil when a signal ended the work.
  func make(_ shards: ShardList, _ draft: inout Draft) throws(Problem) -> [ShardEntry]? {
    while true {
      switch try pass(shards, draft) {
      case .done(let entries): return entries
      case .stopped: return nil
      // All are made again with more room, so that all are alike.
      case .labelTooLong: try draft.enlarge()
      }
    }
  }

  private enum Pass {
    case done([ShardEntry])
    case stopped
    case labelTooLong
  }

  /// Makes each shard once, each by one worker.
  private func pass(_ shards: ShardList, _ draft: Draft) throws(Problem) -> Pass {
    let numbers = shards.numbers
    let entries = Locked<[Int: ShardEntry]>([:])
    let done = Atomic(0)
    let isTooShort = Atomic(false)
    let isComplete = try Workers.run(numbers.count, workers: workers) { place throws(Problem) in
      let result = try ShardJob(numbers[place], content, draft).run { n in
        progress(done.add(n, ordering: .relaxed).newValue)
        return StopSignal.number == nil && !isTooShort.load(ordering: .relaxed)
      }
      switch result {
      case .made(let entry): entries.withLock { $0[place] = entry }
      case .labelTooLong: isTooShort.store(true, ordering: .relaxed)
      case .stopped: break
      }
      if case .made = result { return true }
      return false
    }
    if isTooShort.load(ordering: .relaxed) { return .labelTooLong }
    guard isComplete else { return .stopped }
    return .done(entries.withLock { entries in numbers.indices.compactMap { entries[$0] } })
  }
}
