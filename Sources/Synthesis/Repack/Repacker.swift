import Basics
import Glibc
import Records
import Synchronization

/// Writes the records of finished sets into a new one: as PNG files or as arrays, in other shards, some of
/// them, or those of several sets.
///
/// The same sets and settings give the same bytes for any number of workers; shards that a run before
/// finished are kept when they have the bytes they were finished with.
public struct Repacker: Sendable {
  /// How the new set is made.
  public struct Settings: Sendable {
    /// The form of its pictures; nil keeps that of the first set.
    public var form: PictureForm?
    /// The level of deflate for PNG files, 0...9.
    public var level: Int?
    /// Records in a shard; nil keeps the shards of a set that is taken whole.
    public var recordsPerShard: Int?
    /// Which records it has.
    public var selection = RepackSelection.all

    /// Creates those that keep everything.
    public init() {}
  }

  /// The number of records in the new set.
  public var count: Int { plan.records.count }

  private let plan: RepackPlan
  private let folders: [String]
  private let workers: Int

  /// Opens the sets.
  ///
  /// - Parameters:
  ///   - manifests: The paths of their manifests; records follow in this order, classes are joined by
  ///     name.
  ///   - scanned: Called from any thread with the labels read so far, and their number; only when
  ///     they must be read before.
  /// - Throws: `Problem` when a set cannot be opened, sets do not go together, or nothing is selected.
  public init(
    _ manifests: [String], _ settings: Settings, workers: Int,
    scanned: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    let parents = try manifests.map { path throws(Problem) in try RecordReader(manifest: path) }
    guard let first = parents.first else {
      throw Problem("repack", "no set is given", fix: "give the manifest.json of a set")
    }
    let form = settings.form ?? first.manifest.form
    guard settings.level == nil || form == .png else {
      throw Problem("--level", "is for PNG files", fix: "add --form png")
    }
    let level = settings.level ?? first.manifest.png?.level ?? PNGSettings.defaultLevel
    plan = try RepackPlan(
      parents, settings.selection, png: form == .png ? PNGSettings(level: level) : nil,
      recordsPerShard: settings.recordsPerShard, workers: workers, scanned: scanned)
    folders = manifests.map { Manifest.folder(of: $0) }
    self.workers = workers
  }

  /// Writes the set into a folder, which is created when it is missing.
  ///
  /// - Parameter progress: Called with the number of records that are done, from any thread.
  /// - Returns: The manifest; nil when a signal ended the run, whose finished shards are kept.
  /// - Throws: `Problem` when the folder holds another set, the disk is full, or a record is damaged.
  public func run(into folder: String, progress: @escaping @Sendable (Int) -> Void = { _ in })
    throws(Problem) -> Manifest?
  {
    if let same = folders.first(where: { isSameFolder($0, folder) }) {
      throw Problem("--out", "is the folder of \(same)", fix: "choose another folder")
    }
    try createFolder(folder)
    let target = try RepackFolder(folder, for: plan)
    do throws(Problem) {
      guard let entries = try make(target, progress) else { return nil }
      var manifest = plan.manifest
      manifest.shards = entries
      try target.seal(manifest)
      return manifest
    } catch {
      target.leave()
      throw error
    }
  }

  private func make(_ target: RepackFolder, _ progress: @escaping @Sendable (Int) -> Void)
    throws(Problem) -> [ShardEntry]?
  {
    let entries = Mutex<[Int: ShardEntry]>([:])
    let done = Atomic(0)
    let isComplete = try Workers.run(plan.shards.count, workers: workers) { shard throws(Problem) in
      let job = RepackJob(shard, plan, target)
      let entry = try job.run {
        progress(done.add($0, ordering: .relaxed).newValue)
        return StopSignal.number == nil
      }
      guard let entry else { return false }
      entries.withLock { $0[shard] = entry }
      return true
    }
    guard isComplete else { return nil }
    return entries.withLock { all in plan.shards.indices.compactMap { all[$0] } }
  }
}
