import Basics
import Records

/// Everything that decides the bytes of a repacked set.
struct RepackPlan: Sendable {
  /// Where its records come from.
  let records: RepackRecords

  /// The records of each shard.
  private let ranges: [Range<Int>]
  /// The manifest, its shards aside.
  private let outline: Manifest

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
      ranges =
        recordsPerShard.map { RepackPlan.ranges(of: $0, records.count) } ?? RepackPlan.ranges(first)
      outline = first.holdingNothing.inForm(form, png: png)
      return
    }
    let largest = first.shards.reduce(1) { max($0, $1.records) }
    ranges = RepackPlan.ranges(of: recordsPerShard ?? largest, records.count)
    let longest = try records.longestLabel(workers: workers, scanned: scanned)
    let unit = Draft.textUnit
    let present = parents.reduce(0) { max($0, $1.manifest.recordTextSize) }
    outline = Manifest(
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
    ranges = RepackPlan.ranges(finished)
    outline = finished.holdingNothing
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
  private func known(_ shard: Int) -> ShardEntry.Raw? {
    guard records.isWhole else { return nil }
    let parent = records.parents[0].manifest
    guard let entry = parent.shards.first(where: { $0.first == ranges[shard].lowerBound }),
      entry.records == ranges[shard].count
    else { return nil }
    return entry.rawForm
  }

  private static func ranges(_ manifest: Manifest) -> [Range<Int>] {
    manifest.shards.map { $0.first..<$0.first + $0.records }
  }

  private static func ranges(of size: Int, _ count: Int) -> [Range<Int>] {
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

extension RepackPlan: PlannedSet {
  var identity: String {
    let parents = records.parents.map { JSON.string($0.datasetID) }
    let whole: JSON = [
      "manifest": .string(outline.datasetID), "parents": .array(parents),
      "shards": .array(ranges.map { .integer($0.lowerBound) }),
    ]
    return Digest.sha256(Array(whole.canonical.utf8))
  }

  var shards: Int { ranges.count }
  var textSize: Int { outline.recordTextSize }
  var png: PNGSettings? { outline.png }
  var ingredients: String { "sets, flags" }
  var difference: String { ", another one or in another form" }

  func isSame(as finished: Manifest) -> Bool {
    finished.holdingNothing.datasetID == outline.datasetID
      && RepackPlan.ranges(finished) == ranges
  }

  func numbers(of shard: Int) -> Range<Int> { ranges[shard] }

  func classes(of numbers: Range<Int>) throws(Problem) -> [JSON.Member] {
    ShardEntry.counts(
      of: try numbers.map { index throws(Problem) in try records.classNumber(index) },
      classes: outline.classes)
  }

  func maker(textSize: Int) -> RepackMaker { RepackMaker(records: records, textSize: textSize) }

  func manifest(_ shards: [ShardEntry], textSize: Int) -> Manifest {
    var manifest = outline
    manifest.shards = shards
    return manifest
  }

  /// Compares the raw form with what the parent says it is, so that going back is known to give its files.
  ///
  /// What damage does to headers and padding, which no checksum covers, is not taken over; it does not
  /// come to light here.
  func check(_ made: ShardEntry, of shard: Int, path: String) throws(Problem) {
    guard let known = known(shard) else { return }
    let made = made.rawForm
    guard made != known else { return }
    throw Problem(
      path, "in the raw form it has SHA-256 \(made.sha256), its set says \(known.sha256)",
      fix: "run 'dcpt-data verify --deep' on the set that is repacked; nothing was replaced")
  }
}

/// Takes records from the sets that are repacked.
struct RepackMaker: RecordMaking {
  let records: RepackRecords
  let textSize: Int

  func record(_ index: Int) throws(Problem) -> Record? {
    try records.record(index, textSize: textSize)
  }
}
