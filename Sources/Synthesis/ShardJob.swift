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
  private let file: String
  private let path: String
  private let numbers: Range<Int>

  init(_ shard: Int, _ content: Content, _ draft: Draft) {
    (self.content, self.draft, numbers) = (content, draft, content.numbers(of: shard))
    file = ShardEntry.fileName(shard)
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
    var writer = try ShardWriter(path: path)
    var maker = content.maker(textSize: draft.textSize)
    for index in numbers {
      guard let record = try maker.record(index) else { return .labelTooLong }
      try writer.append(record)
      guard progress(1) else { return .stopped }
    }
    let result = try writer.finish(expecting: draft.digest(of: file))
    let entry = ShardEntry(file: file, first: numbers.lowerBound, classes: classes, result: result)
    try finish(entry)
    return .made(entry)
  }

  /// The shard's entry, when the file is there with every bit that it was finished with.
  private var finished: ShardEntry? {
    guard let digest = draft.digest(of: file), access(path, F_OK) == 0,
      let shard = try? ShardEntry(
        inspecting: path, first: numbers.lowerBound, records: numbers.count, classes: classes)
    else { return nil }
    return shard.sha256 == digest ? shard : nil
  }

  private var classes: [JSON.Member] { content.classes(of: numbers) }

  private func finish(_ entry: ShardEntry) throws(Problem) {
    try ShardIndex.exportDALI(besideShard: path)
    try draft.note(entry)
  }
}
