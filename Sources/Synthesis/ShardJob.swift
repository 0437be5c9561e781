import Basics
import Glibc
import Records

/// One shard of a set being made: the work of one worker.
struct ShardJob<Content: PlannedSet> {
  enum Result {
    case made(ShardEntry)
    case labelTooLong
    case stopped
  }

  private let content: Content
  private let draft: Draft
  private let shard: Int
  private let file: String
  private let path: String
  private let numbers: Range<Int>

  init(_ shard: Int, _ content: Content, _ draft: Draft) {
    (self.shard, self.content, self.draft) = (shard, content, draft)
    (file, numbers) = (ShardEntry.fileName(shard), content.numbers(of: shard))
    path = draft.folder + "/" + file
  }

  /// Makes the shard, or keeps it when an earlier run finished it.
  ///
  /// - Parameter progress: Told of records that are done; returns false to stop.
  func run(progress: (Int) -> Bool) throws(Problem) -> Result {
    if let entry = finished {
      try finish(entry)
      return progress(numbers.count) ? .made(entry) : .stopped
    }
    var writer = try FormShardWriter(path: path, png: content.png)
    var maker = content.maker(textSize: draft.textSize)
    for index in numbers {
      guard let record = try maker.record(index) else { return .labelTooLong }
      try writer.append(record)
      guard progress(1) else { return .stopped }
    }
    let classes = try content.classes(of: numbers)
    let entry = try writer.finish(first: numbers.lowerBound, classes: classes) {
      made throws(Problem) in try check(made)
    }
    try finish(entry)
    return .made(entry)
  }

  /// The shard's entry, when the file is there with every bit that it was finished with.
  private var finished: ShardEntry? {
    if let line = draft.line(of: file) { return draft.holds(line) ? line : nil }
    // Nothing says what the raw form of PNG files was: they are made again, and proven by their digest.
    guard content.png == nil, let digest = draft.digest(of: file), access(path, F_OK) == 0,
      let classes = try? content.classes(of: numbers),
      let shard = try? ShardEntry(
        inspecting: path, first: numbers.lowerBound, records: numbers.count, classes: classes)
    else { return nil }
    return shard.sha256 == digest ? shard : nil
  }

  /// Compares a shard with the one that was finished before, when it is known.
  private func check(_ made: ShardEntry) throws(Problem) {
    try content.check(made, of: shard, path: path)
    guard let digest = draft.digest(of: file), digest != made.sha256 else { return }
    // One whose PNG files were accepted from other libraries becomes as the rest of its set.
    if let line = draft.line(of: file), line.png != nil, line.raw == made.raw { return }
    throw Problem(
      path, "made again it has SHA-256 \(made.sha256), its set says \(digest)",
      fix: "\(content.ingredients) or program are not those of the set; nothing was replaced")
  }

  private func finish(_ entry: ShardEntry) throws(Problem) {
    try ShardIndex.exportDALI(besideShard: path)
    try draft.note(entry)
  }
}
