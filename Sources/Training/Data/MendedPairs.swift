import Basics
import Records

/// A set whose damaged records are made again in memory when they are read, so that its batches are those of the
/// intact set.
///
/// A record is taken only if what is left of the stored one proves it (`RecordRemains`). Made records are kept in
/// 64 MiB, so that a few damaged ones are made once and not in every epoch.
public final class MendedPairs: PairSource {
  private let reader: RecordReader
  private let mender: any RecordMender
  private let path: String
  private let made = MemoryCache<MadePair>(limit: 1 << 26)

  /// Intact records that are made again before the first batch, and how many are looked at for them.
  private static let (trials, looks) = (3, 64)

  /// Opens a set, and makes a few of its intact records again to see that it can be done.
  ///
  /// - Throws: `Problem` when a shard is missing or cut, or when the set comes out otherwise than it is stored.
  public init(manifest path: String, mender: any RecordMender) throws(Problem) {
    (self.path, self.mender) = (path, mender)
    reader = try RecordReader(manifest: path)
    try requireMendable()
  }

  private func requireMendable() throws(Problem) {
    let order = IndexPermutation(count: reader.count, seed: 0, epoch: 0)
    var proven = 0
    for place in 0..<min(reader.count, MendedPairs.looks) where proven < MendedPairs.trials {
      let index = order[place]
      guard (try? reader.withPair(index) { _, _, _ in }) != nil else { continue }
      if let objection = try objection(to: try mender.record(index), index) {
        throw Problem(
          path, "record \(index), made again to try it, \(objection)",
          fix:
            "it was made by another program or from other pictures: 'bad_records: repair' is not for it"
        )
      }
      proven += 1
    }
    guard proven > 0 || reader.count == 0 else {
      throw Problem(
        path, "none of \(min(reader.count, MendedPairs.looks)) records is intact", fix: repairHint)
    }
  }

  // MARK: The set

  /// Records in all.
  public var count: Int { reader.count }
  /// The digest of the manifest: that of the intact set.
  public var datasetID: String { reader.datasetID }
  /// The class names in the manifest.
  public var classes: [String] { reader.classes }
  /// The records of each shard of the manifest.
  public var shardSizes: [Int] { reader.shardSizes }
  /// What the manifest says of the shard.
  public func classCounts(ofShard number: Int) -> [Int] { reader.classCounts(ofShard: number) }

  /// Lends the pictures from the shard, or of the record made again, and then with what was wrong.
  public func readPair(_ index: Int, _ body: (PairBytes) -> Void) throws(Problem) {
    do throws(Problem) { try reader.readPair(index, body) } catch {
      try mended(index, error).lend(to: body)
    }
  }

  /// Reads the label, if need be of the record made again.
  public func pairLabel(_ index: Int) throws(Problem) -> PairLabel {
    do throws(Problem) { return try reader.pairLabel(index) } catch {
      return try mended(index, error).label
    }
  }

  /// Reads key and class, if need be of the record made again.
  public func pairClass(_ index: Int) throws(Problem) -> (key: String, number: Int) {
    do throws(Problem) { return try reader.pairClass(index) } catch {
      let label = try mended(index, error).label
      return (label.key, label.classNumber)
    }
  }

  // MARK: Mending

  private func mended(_ index: Int, _ fault: Problem) throws(Problem) -> MadePair {
    let key = Record.key(index)
    if let pair = made[key] { return pair }
    let record: Record
    do throws(Problem) { record = try mender.record(index) } catch {
      throw Problem(
        fault.place, "\(fault.what); to make it again: \(error.place): \(error.what)",
        fix: error.fix)
    }
    if let objection = try objection(to: record, index) {
      throw Problem(fault.place, "\(fault.what); made again it \(objection)", fix: repairHint)
    }
    let pair = try MadePair(
      record, in: reader.manifest, fault: Problem(fault.place, fault.what, fix: repairHint))
    made[key] = pair
    return pair
  }

  private func objection(to record: Record, _ index: Int) throws(Problem) -> String? {
    try RecordRemains(of: index, reader.manifest, in: Manifest.folder(of: path))
      .objection(to: record)
  }

  private var repairHint: String { "run 'dcpt-data repair \(path)' to mend the file" }
}

/// A record that was made again.
private struct MadePair: Cacheable {
  let label: PairLabel
  private let lq: NPYArray
  private let gt: NPYArray
  private let fault: Problem

  init(_ record: Record, in manifest: Manifest, fault: Problem) throws(Problem) {
    let raw = try record.inRawForm()
    func member(_ field: String) throws(Problem) -> [UInt8] {
      guard let found = raw.members.first(where: { $0.name == field }) else {
        throw Problem("record \(record.key)", "made again it has no member \(field)")
      }
      return found.bytes
    }
    self.fault = fault
    lq = try MadePair.picture(try member(Record.lqField), record.key)
    gt = try MadePair.picture(try member(Record.gtField), record.key)
    label = try PairLabel(
      try record.label(place: record.key), classes: manifest.classes)
  }

  private static func picture(_ file: [UInt8], _ key: String) throws(Problem) -> NPYArray {
    try file.withBytes { bytes throws(Problem) in
      try NPYArray(parsing: bytes, place: "record \(key)")
    }
  }

  /// The memory that it takes.
  var size: Int { lq.bytes.count + gt.bytes.count }

  func lend(to body: (PairBytes) -> Void) {
    let (height, width) = (lq.header.shape[0], lq.header.shape[1])
    lq.bytes.withUnsafeBufferPointer { lq in
      gt.bytes.withUnsafeBufferPointer { gt in
        body(PairBytes(lq: lq, gt: gt, width: width, height: height, fault: fault))
      }
    }
  }
}
