import Basics
import Images

/// Random access to the records of a data set, from any number of threads.
///
/// Shards are mapped when one of their records is first asked for, and pictures are handed out where they
/// lie. Sizes are compared with the manifest before mapping. When a record is read for the first time, the
/// tar headers in front of its members are checked and, unless told otherwise, the members' CRC-32C; one bit
/// a record remembers that.
public final class RecordReader: Sendable {
  /// What is checked when a record is read for the first time.
  public enum Check: Sendable {
    /// The tar headers only.
    case headers
    /// The CRC-32C of each member as well: about 35 us a pair of 256x256 pictures.
    case checksums
  }

  /// What the set says about itself.
  public let manifest: Manifest
  /// The digest that names exactly this set.
  public let datasetID: String
  /// The number of records.
  public let count: Int

  private let slots: [ShardSlot]
  private let firsts: [Int]
  private let check: Check
  private let form: PictureForm

  /// Opens a manifest, and looks whether every shard is there in full size.
  ///
  /// - Throws: `Problem` naming the manifest, or the shard that is missing or cut.
  public init(manifest path: String, checking check: Check = .checksums) throws(Problem) {
    self.check = check
    (manifest, datasetID) = try Manifest.identified(path)
    form = manifest.form
    let folder = Manifest.folder(of: path)
    var slots: [ShardSlot] = []
    for entry in manifest.shards { slots.append(try ShardSlot(entry, in: folder)) }
    (self.slots, firsts, count) = (slots, manifest.shards.map(\.first), manifest.records)
  }

  /// Calls `body` with the pixels of a pair: bytes, rows from the top, channels together.
  ///
  /// The pointers are valid inside `body` only. Pictures in the raw form are lent where they lie, PNG files are
  /// decoded for each call.
  ///
  /// - Throws: `Problem` naming shard, record, member and byte offset when a check fails.
  public func withPair<R>(
    _ index: Int,
    _ body: (
      _ lq: UnsafeBufferPointer<UInt8>, _ gt: UnsafeBufferPointer<UInt8>,
      _ shape: (height: Int, width: Int, channels: Int)
    ) throws -> R
  ) throws -> R {
    let (shard, number) = try locate(index)
    let isKnown = shard.marks.contains(number)
    let checksums = isKnown ? nil : try checkedText(shard, number).checksums
    if form == .png { return try withDecoded(shard, number, checksums, isKnown, body) }
    let lq = try picture(shard, number, Record.lqField, checksums)
    let gt = try picture(shard, number, Record.gtField, checksums)
    try requireEqual(lq.shape, gt.shape, shard, number)
    if !isKnown { try mark(shard, number) }
    return try body(lq.pixels, gt.pixels, (lq.shape[0], lq.shape[1], lq.shape[2]))
  }

  /// Decodes a pair of PNG files for `body`.
  private func withDecoded<R>(
    _ shard: MappedShard, _ number: Int, _ checksums: [String: UInt32]?, _ isKnown: Bool,
    _ body: (
      _ lq: UnsafeBufferPointer<UInt8>, _ gt: UnsafeBufferPointer<UInt8>,
      _ shape: (height: Int, width: Int, channels: Int)
    ) throws -> R
  ) throws -> R {
    let lq = try decoded(shard, number, form.lqField, checksums)
    let gt = try decoded(shard, number, form.gtField, checksums)
    try requireEqual(lq.shape, gt.shape, shard, number)
    if !isKnown { try mark(shard, number) }
    return try lq.bytes.withUnsafeBufferPointer { lqBytes in
      try gt.bytes.withUnsafeBufferPointer { gtBytes in
        try body(lqBytes, gtBytes, (lq.shape[0], lq.shape[1], lq.shape[2]))
      }
    }
  }

  private func decoded(
    _ shard: MappedShard, _ number: Int, _ field: String, _ checksums: [String: UInt32]?
  ) throws(Problem) -> PNGFile.Codes {
    let file = try memberBytes(shard, number, field, checksums)
    do throws(Problem) {
      return try PNGFile.codes(file, place: "")
    } catch {
      throw shard.problem(shard.key(number), field, "cannot be decoded: \(error.what)")
    }
  }

  private func requireEqual(
    _ lq: [Int], _ gt: [Int], _ shard: MappedShard, _ number: Int
  ) throws(Problem) {
    guard lq != gt else { return }
    throw shard.problem(
      shard.key(number), form.lqField, "has shape \(lq), \(form.gtField) \(gt)")
  }

  /// Returns a record as it lies in its shard: every member of it, the planes too.
  ///
  /// - Throws: `Problem` when a check fails, or the members are not those that the label names.
  public func record(_ index: Int) throws(Problem) -> Record {
    let (shard, number) = try locate(index)
    let (text, offset) = try shard.member(number, Record.textField)
    guard RecordText.isIntact(text), let checksums = RecordText.checksums(text) else {
      throw shard.problem(
        shard.key(number), Record.textField, "at byte \(offset) does not fit its CRC-32C")
    }
    let fields = shard.fields(of: number)
    guard fields == checksums.keys.sorted(), form.fields.allSatisfy(fields.contains) else {
      throw shard.problem(
        shard.key(number), Record.textField,
        "names the members \(checksums.keys.sorted()), the record has \(fields)")
    }
    var members: [(name: String, bytes: [UInt8])] = []
    for field in fields {
      let isText = field == Record.textField
      members.append((field, Array(isText ? text : try checked(shard, number, field, checksums))))
    }
    return Record(key: shard.key(number), members: members)
  }

  /// Remembers a record whose pictures were found intact, if its label is too and can be read quickly.
  private func mark(_ shard: MappedShard, _ number: Int) throws(Problem) {
    let text = try checkedText(shard, number).bytes
    guard let label = try? label(shard, number, text),
      LabelScan.classNumber(text) == label.classNumber
    else { return }
    shard.marks.insert(number)
  }

  /// Returns the class of a record: of one that was read before without parsing its label.
  ///
  /// - Throws: `Problem` as `label` does.
  public func classNumber(_ index: Int) throws(Problem) -> Int {
    let (shard, number) = try locate(index)
    if shard.marks.contains(number) {
      let text = try shard.member(number, Record.textField, checked: true).bytes
      if let number = LabelScan.classNumber(text) { return number }
    }
    return try label(index).classNumber
  }

  /// Returns what a record says about itself.
  public func label(_ index: Int) throws(Problem) -> RecordLabel {
    let (shard, number) = try locate(index)
    return try label(shard, number, try checkedText(shard, number).bytes)
  }

  private func label(_ shard: MappedShard, _ number: Int, _ text: UnsafeRawBufferPointer)
    throws(Problem) -> RecordLabel
  {
    let place = "\(shard.file.path): record \(shard.key(number)), member json"
    let label = try RecordLabel(parsing: text, place: place)
    guard manifest.classes.indices.contains(label.classNumber),
      manifest.classes[label.classNumber] == label.className
    else {
      throw Problem(
        place, "class \(label.classNumber) '\(label.className)' is not in the manifest",
        fix: "the shard belongs to another set: restore it or make the set again")
    }
    return label
  }

  /// Returns a plane of a record, one of its label's `planes`.
  ///
  /// - Throws: `Problem` when the record has no such member, or a check fails.
  public func plane(_ index: Int, _ name: String) throws(Problem) -> NPYArray {
    let (shard, number) = try locate(index)
    let field = name + ".npy"
    let checksums = try checkedText(shard, number).checksums
    let place = "\(shard.file.path): record \(Record.key(index)), \(field)"
    return try NPYArray(parsing: try checked(shard, number, field, checksums), place: place)
  }

  private func locate(_ index: Int) throws(Problem) -> (MappedShard, Int) {
    require(0 <= index && index < count, "RecordReader: record \(index) of \(count)")
    let place = firsts.lastPlace(notAbove: index)
    return (try slots[place].opened(), index - firsts[place])
  }

  /// The label's bytes, and the checksums it states when they are to be checked.
  private func checkedText(_ shard: MappedShard, _ number: Int) throws(Problem) -> (
    bytes: UnsafeRawBufferPointer, checksums: [String: UInt32]?
  ) {
    let (bytes, offset) = try shard.member(number, Record.textField)
    guard check == .checksums else { return (bytes, nil) }
    guard RecordText.isIntact(bytes) else {
      throw shard.problem(
        shard.key(number), Record.textField,
        "at byte \(offset) does not fit its CRC-32C")
    }
    return (bytes, RecordText.checksums(bytes))
  }

  /// A member's bytes, which fit the checksum when there are any.
  private func checked(
    _ shard: MappedShard, _ number: Int, _ field: String, _ checksums: [String: UInt32]?
  ) throws(Problem) -> UnsafeRawBufferPointer {
    let (bytes, offset) = try shard.member(number, field)
    guard let checksums else { return bytes }
    let found = Checksum.crc32c(bytes)
    guard checksums[field] == found else {
      let stated = checksums[field].map(Checksum.text) ?? "nothing"
      throw shard.problem(
        shard.key(number), field,
        "at byte \(offset) has CRC-32C \(Checksum.text(found)), its label says \(stated)")
    }
    return bytes
  }

  /// A member's bytes, which are checked if the record was not read before.
  private func memberBytes(
    _ shard: MappedShard, _ number: Int, _ field: String, _ checksums: [String: UInt32]?
  ) throws(Problem) -> UnsafeRawBufferPointer {
    shard.marks.contains(number)
      ? try shard.member(number, field, checked: true).bytes
      : try checked(shard, number, field, checksums)
  }

  /// A picture of a record, which is checked if it was not read before.
  private func picture(
    _ shard: MappedShard, _ number: Int, _ field: String, _ checksums: [String: UInt32]?
  ) throws(Problem) -> (pixels: UnsafeBufferPointer<UInt8>, shape: [Int]) {
    let bytes = try memberBytes(shard, number, field, checksums)
    let header = try shard.header(of: bytes, number, field)
    guard header.type == "|u1", header.shape.count == 3, !header.isFortran else {
      throw shard.problem(
        shard.key(number), field, "is \(header.type) \(header.shape), not a byte picture")
    }
    let pixels = UnsafeRawBufferPointer(rebasing: bytes[header.dataOffset...].prefix(header.count))
    return (pixels.assumingMemoryBound(to: UInt8.self), header.shape)
  }
}

extension Manifest {
  /// The folder that a manifest's shards lie in.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

extension [Int] {
  /// The last place of a rising list that begins with 0 whose value is not above `value`.
  package func lastPlace(notAbove value: Int) -> Int {
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if self[middle] <= value { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
