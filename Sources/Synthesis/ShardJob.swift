import Basics
import Degradations
import Glibc
import Records

/// One shard of a set being made: the work of one worker.
struct ShardJob {
  enum Result {
    case made(ShardEntry)
    case labelTooLong
    case stopped
  }

  private let planner: RecordPlanner
  private let folder: String
  private let file: String
  private let textSize: Int
  private let numbers: Range<Int>

  init(_ shard: Int, _ planner: RecordPlanner, _ folder: String, _ textSize: Int) {
    (self.planner, self.folder, self.textSize) = (planner, folder, textSize)
    file = ShardEntry.fileName(shard)
    let first = shard * planner.recipe.recordsPerShard
    numbers = first..<min(first + planner.recipe.recordsPerShard, planner.count)
  }

  /// Makes the shard, or keeps it when an earlier run finished it.
  ///
  /// - Parameter progress: Told of records that are done; returns false to stop.
  func run(progress: (Int) -> Bool) throws(Problem) -> Result {
    let path = folder + "/" + file
    if let entry = finished(path) {
      try writeIndex(path)
      return progress(numbers.count) ? .made(entry) : .stopped
    }
    var writer = try ShardWriter(path: path)
    var maker = RecordMaker(planner, textSize: textSize)
    for index in numbers {
      guard let record = try maker.record(index) else { return .labelTooLong }
      try writer.append(record)
      guard progress(1) else { return .stopped }
    }
    let result = try writer.finish()
    try writeIndex(path)
    return .made(
      ShardEntry(file: file, first: numbers.lowerBound, classes: classes, result: result))
  }

  /// The shard's entry, when the file is there and nothing in it is damaged or another's.
  private func finished(_ path: String) -> ShardEntry? {
    guard access(path, F_OK) == 0,
      let shard = try? ShardEntry(
        inspecting: path, first: numbers.lowerBound, records: numbers.count, classes: classes)
    else { return nil }
    let manifest = Manifest(
      name: "", split: "", tool: .null, recipe: .null, seed: 0,
      classes: planner.recipe.classSet.classes, recordTextSize: textSize, sources: [],
      setAside: [], shards: [shard])
    return ShardCheck(shard, of: manifest, in: folder).findings.isEmpty ? shard : nil
  }

  /// Counts of the classes that occur, in the order of their numbers.
  private var classes: [JSON.Member] {
    var counts: [Int: Int] = [:]
    for index in numbers { counts[planner[index].classNumber, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map {
      JSON.Member(planner.recipe.classSet.classes[$0.key], .integer($0.value))
    }
  }

  private func writeIndex(_ path: String) throws(Problem) {
    let shard = try MappedFile(path)
    let index = ShardIndex(scanning: shard.bytes)
    try AtomicFile.write(index.daliIndex, to: String(path.dropLast(".tar".count)) + ".idx")
  }
}
