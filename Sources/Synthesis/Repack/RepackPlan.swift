import Basics
import Records

/// Everything that decides the bytes of a repacked set.
struct RepackPlan: Sendable {
  /// Where its records come from.
  let records: RepackRecords
  /// The records of each shard.
  let shards: [Range<Int>]
  /// The manifest, its shards aside.
  let manifest: Manifest

  /// Plans a set.
  ///
  /// - Parameters:
  ///   - png: How its PNG files are written; nil for the raw form.
  ///   - recordsPerShard: nil keeps the shards of a parent that is taken whole; otherwise shards are as
  ///     large as the largest of the first parent.
  ///   - scanned: Called from any thread with the labels read so far, and their number; only when
  ///     they must be read.
  /// - Throws: `Problem` when the parents do not go together, nothing is selected, or a label cannot
  ///   be read.
  init(
    _ parents: [RecordReader], _ selection: RepackSelection, png: PNGSettings?,
    recordsPerShard: Int?, workers: Int,
    scanned: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    try RepackPlan.checkTogether(parents)
    let records = try RepackRecords(parents, selection, workers: workers, scanned: scanned)
    self.records = records
    let (first, form) = (parents[0].manifest, png == nil ? PictureForm.raw : .png)
    guard !records.isWhole else {
      let ranges = first.shards.map { $0.first..<$0.first + $0.records }
      shards = recordsPerShard.map { RepackPlan.shards(of: $0, records.count) } ?? ranges
      manifest = first.holdingNothing.inForm(form, png: png)
      return
    }
    let largest = first.shards.reduce(1) { max($0, $1.records) }
    shards = RepackPlan.shards(of: recordsPerShard ?? largest, records.count)
    let longest = try records.longestLabel(workers: workers, scanned: scanned)
    let unit = Draft.textUnit
    let present = parents.reduce(0) { max($0, $1.manifest.recordTextSize) }
    manifest = Manifest(
      repacking: parents, selection, classes: records.classes,
      textSize: max(present, (longest + unit - 1) / unit * unit)
    ).inForm(form, png: png)
  }

  /// Plans the shards of a finished set once more.
  ///
  /// - Parameter parents: The sets that it was repacked from, in any order.
  /// - Throws: `Problem` when one is missing, or is another set.
  init(again finished: Manifest, place: String, parents: [RecordReader], workers: Int)
    throws(Problem)
  {
    shards = finished.shards.map { $0.first..<$0.first + $0.records }
    manifest = finished.holdingNothing
    guard let repack = finished.repack else {
      records = try RepackRecords(parents, .all, workers: workers)
      guard records.isWhole, finished.isSameSet(as: parents[0].manifest) else {
        throw Problem(
          "--from", "is not the set that \(place) was repacked from",
          fix: "give the one set of the same recipe, seed and sources")
      }
      return
    }
    let ordered = try repack.parents.map { parent throws(Problem) in
      guard let reader = parents.first(where: { $0.datasetID == parent.datasetID }) else {
        throw repack.needed(for: place)
      }
      return reader
    }
    records = try RepackRecords(ordered, repack.selection, workers: workers)
    guard records.count == finished.records, records.classes == finished.classes else {
      throw Problem(
        place, "has \(finished.records) records, its parents give \(records.count)",
        fix: "the manifest is not one that dcpt-data wrote")
    }
  }

  /// What a shard is in the raw form, when its parent says so: the proof that nothing was changed.
  func known(_ shard: Int) -> ShardEntry.Raw? {
    guard records.isWhole else { return nil }
    let parent = records.parents[0].manifest
    guard let entry = parent.shards.first(where: { $0.first == shards[shard].lowerBound }),
      entry.records == shards[shard].count
    else { return nil }
    return entry.rawForm
  }

  private static func shards(of size: Int, _ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  private static func checkTogether(_ parents: [RecordReader]) throws(Problem) {
    for (number, parent) in parents.enumerated() {
      let (name, split) = (parent.manifest.name, parent.manifest.split)
      guard split == parents[0].manifest.split else {
        throw Problem(
          name, "is of the split '\(split)', the first set of '\(parents[0].manifest.split)'",
          fix: "repack sets of one split, so that no picture is trained on and tested on")
      }
      guard !parents[..<number].contains(where: { $0.datasetID == parent.datasetID }) else {
        throw Problem(name, "is given twice", fix: "give each set once")
      }
    }
  }
}
