import Basics
import Records

/// One shard of a repacked set: the work of one worker.
struct RepackJob {
  private let shard: Int
  private let plan: RepackPlan
  private let target: RepackFolder
  private let path: String

  init(_ shard: Int, _ plan: RepackPlan, _ target: RepackFolder) {
    (self.shard, self.plan, self.target) = (shard, plan, target)
    path = target.path + "/" + ShardEntry.fileName(shard)
  }

  /// Writes the shard, or keeps it when an earlier run finished it; nil when `progress` said to stop.
  func run(progress: (Int) -> Bool) throws(Problem) -> ShardEntry? {
    let numbers = plan.shards[shard]
    if let entry = target.finishedEntry(ShardEntry.fileName(shard)) {
      try ShardIndex.exportDALI(besideShard: path)
      return progress(numbers.count) ? entry : nil
    }
    var writer = try FormShardWriter(path: path, png: plan.manifest.png)
    var classNumbers: [Int] = []
    for index in numbers {
      let (record, number) = try plan.records.record(
        index, textSize: plan.manifest.recordTextSize)
      try writer.append(record)
      classNumbers.append(number)
      guard progress(1) else { return nil }
    }
    let entry = try writer.finish(
      first: numbers.lowerBound,
      classes: ShardEntry.counts(of: classNumbers, classes: plan.manifest.classes)
    ) { entry throws(Problem) in try checkUnchanged(entry) }
    try ShardIndex.exportDALI(besideShard: path)
    try target.note(entry)
    return entry
  }

  /// Compares the raw form with what the parent says it is, so that going back is known to give its files.
  ///
  /// What damage does to headers and padding, which no checksum covers, is not taken over; it does not
  /// come to light here.
  private func checkUnchanged(_ entry: ShardEntry) throws(Problem) {
    guard let known = plan.known(shard) else { return }
    let made = entry.rawForm
    guard made != known else { return }
    throw Problem(
      path, "in the raw form it has SHA-256 \(made.sha256), its set says \(known.sha256)",
      fix: "run 'dcpt-data verify --deep' on the set that is repacked; nothing was replaced")
  }
}
