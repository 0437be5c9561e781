import Basics

/// Random access to the records of a data set, from any number of threads.
///
/// Shards are mapped, not read: a record that is not asked for costs nothing, and pictures are handed
/// out where they lie. Sizes are compared with the manifest before mapping; every access checks the
/// tar header in front of the member and, unless told otherwise, the member's CRC-32C.
public final class RecordReader: Sendable {
  /// What is checked whenever a record is read.
  public enum Check: Sendable {
    /// The tar headers only.
    case headers
    /// The CRC-32C of each member as well: about 35 us a pair of 256x256 pictures.
    case checksums
  }

  /// What the set says about itself.
  public let manifest: Manifest
  /// The number of records.
  public var count: Int { manifest.records }

  private let shards: [MappedShard]
  private let check: Check

  /// Opens every shard of a manifest.
  ///
  /// - Throws: `Problem` naming the manifest or the shard that is missing, cut or damaged.
  public init(manifest path: String, checking check: Check = .checksums) throws(Problem) {
    self.check = check
    manifest = try Manifest(reading: path)
    let folder = Manifest.folder(of: path)
    var shards: [MappedShard] = []
    for entry in manifest.shards { shards.append(try MappedShard(entry, in: folder)) }
    self.shards = shards
  }

  /// Calls `body` with the pixels of a pair: bytes, rows from the top, channels together.
  ///
  /// The pointers are valid inside `body` only.
  ///
  /// - Throws: `Problem` naming shard, record, member and byte offset when a check fails.
  public func withPair<R>(
    _ index: Int,
    _ body: (
      _ lq: UnsafeBufferPointer<UInt8>, _ gt: UnsafeBufferPointer<UInt8>,
      _ shape: (height: Int, width: Int, channels: Int)
    ) throws -> R
  ) throws -> R {
    let (shard, number) = locate(index)
    let checksums = try checkedText(shard, number).checksums
    let lq = try picture(shard, number, Record.lqField, checksums)
    let gt = try picture(shard, number, Record.gtField, checksums)
    guard lq.shape == gt.shape else {
      throw shard.problem(
        Record.key(index), Record.lqField, "has shape \(lq.shape), \(Record.gtField) \(gt.shape)")
    }
    return try body(lq.pixels, gt.pixels, (lq.shape[0], lq.shape[1], lq.shape[2]))
  }

  /// Returns what a record says about itself.
  public func label(_ index: Int) throws(Problem) -> RecordLabel {
    let (shard, number) = locate(index)
    let text = try checkedText(shard, number).bytes
    let place = "\(shard.file.path): record \(Record.key(index)), member json"
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
    let (shard, number) = locate(index)
    let field = name + ".npy"
    let checksums = try checkedText(shard, number).checksums
    let place = "\(shard.file.path): record \(Record.key(index)), \(field)"
    return try NPYArray(parsing: try checked(shard, number, field, checksums), place: place)
  }

  private func locate(_ index: Int) -> (MappedShard, Int) {
    require(0 <= index && index < count, "RecordReader: record \(index) of \(count)")
    var low = 0
    var high = shards.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if shards[middle].entry.first <= index { low = middle } else { high = middle - 1 }
    }
    return (shards[low], index - shards[low].entry.first)
  }

  /// The label's bytes, and the checksums it states when they are to be checked.
  private func checkedText(_ shard: MappedShard, _ number: Int) throws(Problem) -> (
    bytes: UnsafeRawBufferPointer, checksums: [String: UInt32]?
  ) {
    let (bytes, offset) = try shard.member(number, Record.textField)
    guard check == .checksums else { return (bytes, nil) }
    guard RecordText.isIntact(bytes) else {
      throw shard.problem(
        Record.key(shard.entry.first + number), Record.textField,
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
        Record.key(shard.entry.first + number), field,
        "at byte \(offset) has CRC-32C \(Checksum.text(found)), its label says \(stated)")
    }
    return bytes
  }

  private func picture(
    _ shard: MappedShard, _ number: Int, _ field: String, _ checksums: [String: UInt32]?
  ) throws(Problem) -> (pixels: UnsafeBufferPointer<UInt8>, shape: [Int]) {
    let key = Record.key(shard.entry.first + number)
    let bytes = try checked(shard, number, field, checksums)
    let header = try NPYHeader(parsing: bytes, place: "\(shard.file.path): record \(key), \(field)")
    guard header.type == "|u1", header.shape.count == 3, !header.isFortran else {
      throw shard.problem(key, field, "is \(header.type) \(header.shape), not a byte picture")
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
