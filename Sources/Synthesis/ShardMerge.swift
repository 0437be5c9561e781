import Basics
import Glibc
import Records
import Synchronization

/// Finishes a set whose shards were made in parts: checks that all are there, and writes the manifest
/// that one machine would have written.
public struct ShardMerge: Sendable {
  /// What decides the bytes of the set.
  public let plan: SetPlan

  private let parts: [String]
  private let folder: String

  /// Finds the set's plan.
  ///
  /// - Parameters:
  ///   - parts: The folders in which jobs made shards.
  ///   - folder: Where the set is finished; it may be one of the parts.
  /// - Throws: `Problem` when a part has no plan, or another than the first.
  public init(_ parts: [String], into folder: String) throws(Problem) {
    var plans: [SetPlan] = []
    for part in parts {
      guard let plan = try SetPlan(in: part) else {
        throw Problem(
          part, "has no \(SetPlan.fileName), so no part of a set was made there",
          fix: "give the folders that 'dcpt-data synth --shards' wrote")
      }
      guard plan.json == (plans.first ?? plan).json else {
        throw Problem(
          part, "has another \(SetPlan.fileName) than \(parts[0])", fix: "merge parts of one set")
      }
      plans.append(plan)
    }
    guard let plan = plans.first else {
      throw Problem("merge", "no folder is given", fix: "give the folders of the parts")
    }
    (self.plan, self.parts, self.folder) = (plan, parts, folder)
  }

  /// A shard that was found, and where.
  private struct Found: Sendable {
    let entry: ShardEntry
    let folder: String
    let textSize: Int
  }

  /// Reads every shard, brings those of other folders over, and writes the manifest.
  ///
  /// Shards that lie on the same file system are linked, others copied. Labels get the room of those
  /// that have the most, as they would have on one machine.
  ///
  /// - Parameter progress: Called with the number of shards that were read, from any thread.
  /// - Throws: `Problem` naming shards that are missing, damaged, or still being made; then no
  ///   manifest is written, and the shards stay where they are.
  public func run(workers: Int, progress: @escaping @Sendable (Int) -> Void = { _ in })
    throws(Problem) -> Manifest
  {
    let all = ShardList(all: plan.shards)
    try createFolder(folder)
    let draft = try Draft(folder, plan: plan, shards: all)
    try draft.write(plan)
    let others = parts.filter { !isSameFolder($0, folder) }
    let guards = try others.map { part throws(Problem) in
      try Draft(part, plan: plan, shards: all)
    }
    let drafts = [draft] + guards
    let found = try search(drafts, workers, progress)
    let textSize = found.reduce(0) { max($0, $1.textSize) }
    let entries = Locked<[Int: ShardEntry]>([:])
    try Workers.run(found.count, workers: workers) { shard throws(Problem) in
      let entry = try bring(found[shard], textSize)
      // Whoever merges again after a crash takes it for what it is now.
      try draft.ledger.write(ShardLedger.Note(entry: entry, textSize: textSize))
      entries.withLock { $0[shard] = entry }
      return true
    }
    let manifest = plan.manifest(
      entries.withLock { entries in found.indices.compactMap { entries[$0] } }, textSize: textSize)
    try withExtendedLifetime(drafts) { () throws(Problem) in try draft.seal(manifest) }
    return manifest
  }

  /// Finds each shard in one of the folders, with every bit that it was finished with.
  private func search(
    _ drafts: [Draft], _ workers: Int, _ progress: @escaping @Sendable (Int) -> Void
  ) throws(Problem) -> [Found] {
    let found = Locked<[Int: Found]>([:])
    let damaged = Locked<[Int]>([])
    let done = Atomic(0)
    try Workers.run(plan.shards, workers: workers) { shard throws(Problem) in
      let candidates = drafts.compactMap { look(for: shard, in: $0, damaged) }
      if let best = candidates.max(by: { $0.textSize < $1.textSize }) {
        found.withLock { $0[shard] = best }
      }
      progress(done.add(1, ordering: .relaxed).newValue)
      return true
    }
    let result = found.withLock { $0 }
    guard result.count == plan.shards else {
      throw missing(Set(0..<plan.shards).subtracting(result.keys), damaged.withLock { $0 })
    }
    return (0..<plan.shards).compactMap { result[$0] }
  }

  private func look(for shard: Int, in draft: Draft, _ damaged: borrowing Locked<[Int]>) -> Found? {
    let file = ShardEntry.fileName(shard)
    let note = draft.ledger[file]
    guard access(draft.folder + "/" + file, F_OK) == 0,
      let line = note?.entry ?? draft.sealed(file)
    else { return nil }
    guard draft.holds(line) else {
      damaged.withLock { $0.append(shard) }
      return nil
    }
    return Found(entry: line, folder: draft.folder, textSize: note?.textSize ?? draft.textSize)
  }

  private func missing(_ shards: Set<Int>, _ damaged: [Int]) -> Problem {
    let list = ShardList(shards)
    let bad = ShardList(shards.intersection(damaged))
    let note = bad.ranges.isEmpty ? "" : "; damaged: \(bad)"
    let verb = shards.count == 1 ? "is" : "are"
    return Problem(
      folder, "\(shards.count) of \(plan.shards) shards \(verb) missing: \(list)\(note)",
      fix: "make them with the same synth command and --shards \(list), then merge again")
  }

  /// Puts a shard with labels of the set's size into the set's folder, with its index.
  private func bring(_ found: Found, _ textSize: Int) throws(Problem) -> ShardEntry {
    let (source, path) = (found.folder + "/" + found.entry.file, folder + "/" + found.entry.file)
    var entry = found.entry
    if found.textSize != textSize {
      entry = try widen(found, source, path, textSize)
    } else if found.folder != folder {
      try copy(source, path)
    }
    try ShardIndex.exportDALI(besideShard: path)
    return entry
  }

  /// Writes a shard again whose labels have less room than those of others.
  private func widen(_ found: Found, _ source: String, _ path: String, _ textSize: Int)
    throws(Problem) -> ShardEntry
  {
    let shard = try MappedFile(source)
    var writer = try ShardWriter(path: path)
    for item in ShardIndex(scanning: shard.bytes).records {
      let members = item.members.map { field, member in
        (
          name: field,
          bytes: Array(shard.bytes[member.dataOffset..<member.dataOffset + member.size])
        )
      }
      guard let record = Record(key: item.key, members: members).resized(textSize: textSize) else {
        throw Problem(
          source, "record \(item.key) has no label that fits into \(textSize) bytes",
          fix: "remove the shard and make it again")
      }
      try writer.append(record)
    }
    return ShardEntry(
      file: found.entry.file, first: found.entry.first, classes: found.entry.classes,
      result: try writer.finish())
  }

  private func copy(_ source: String, _ path: String) throws(Problem) {
    let hidden = AtomicFile.temporaryPath(for: path)
    unlink(hidden)
    do throws(Problem) {
      // Finished shards are never written to, so two folders may share one.
      if link(source, hidden) != 0 {
        let file = try OutputFile(hidden, reportedAs: path)
        try file.write(try MappedFile(source).bytes)
        try file.close()
      }
      try AtomicFile.publish(hidden, as: path)
    } catch {
      unlink(hidden)
      throw error
    }
  }
}

func isSameFolder(_ a: String, _ b: String) -> Bool {
  var (first, second) = (stat(), stat())
  return stat(a, &first) == 0 && stat(b, &second) == 0
    && first.st_ino == second.st_ino && first.st_dev == second.st_dev
}
