import Basics
import Glibc
import Synchronization

/// A shard that is mapped and whose members can be found by record number.
final class MappedShard: Sendable {
  let file: MappedFile
  let entry: ShardEntry
  /// The records that were looked at and found intact.
  let marks: RecordMarks
  private let places: Places
  private let knownHeader = AtomicLazyReference<KnownHeader>()

  private enum Places: Sendable {
    /// All records have the members of the first, `stride` bytes apart.
    case regular(ShardIndex.Entry, stride: Int)
    case listed([ShardIndex.Entry])
  }

  /// Maps a shard of the manifest in `folder`.
  init(_ entry: ShardEntry, in folder: String) throws(Problem) {
    self.entry = entry
    let path = folder + "/" + entry.file
    file = try MappedFile(path, expecting: entry.bytes)
    places = try MappedShard.places(entry, file)
    marks = RecordMarks(records: entry.records)
  }

  private static func places(_ entry: ShardEntry, _ file: MappedFile) throws(Problem) -> Places {
    if let stride = entry.stride, let places = regular(entry, stride, file) { return places }
    let index = ShardIndex(scanning: file.bytes)
    if let damage = index.damage, entry.records > 0 { throw damage.problem(file.path) }
    guard index.records.count == entry.records else {
      throw Problem(
        file.path, "holds \(index.records.count) records, the manifest says \(entry.records)",
        fix: "the shard was replaced: restore it or make the set again")
    }
    return .listed(index.records)
  }

  /// With equal strides one record tells the places of all: the first whose own headers are intact.
  private static func regular(_ entry: ShardEntry, _ stride: Int, _ file: MappedFile) -> Places? {
    for number in 0..<entry.records {
      let span = file.bytes[number * stride..<(number + 1) * stride]
      let index = ShardIndex(scanning: UnsafeRawBufferPointer(rebasing: span))
      if index.damage == nil, index.records.count == 1 {
        return .regular(index.records[0], stride: stride)
      }
    }
    return nil
  }

  /// Returns a member's bytes after checking the tar header in front of them, unless it is known to be good.
  func member(_ number: Int, _ field: String, checked: Bool = false) throws(Problem) -> (
    bytes: UnsafeRawBufferPointer, offset: Int
  ) {
    guard let (member, base) = place(number, field) else {
      throw problem(key(number), field, "is missing")
    }
    let data = base + member.dataOffset
    if !checked {
      let header = base + member.headerOffset
      guard isHeader(of: key(number) + "." + field, size: member.size, at: header) else {
        throw problem(
          key(number), field, "at byte \(header): the tar header is not this member's")
      }
    }
    return (UnsafeRawBufferPointer(rebasing: file.bytes[data..<data + member.size]), data)
  }

  private func isHeader(of name: String, size: Int, at offset: Int) -> Bool {
    let block = UnsafeRawBufferPointer(
      rebasing: file.bytes[offset..<offset + TarHeader.blockSize])
    return TarHeader.isIntact(block) && TarHeader.name(block) == name
      && TarHeader.size(block) == size
  }

  /// The fields of a record in file order.
  func fields(of number: Int) -> [String] {
    switch places {
    case .regular(let first, _): first.fields
    case .listed(let entries): entries[number].fields
    }
  }

  private func place(_ number: Int, _ field: String) -> (TarMember, Int)? {
    switch places {
    case .regular(let first, let stride): first[field].map { ($0, number * stride) }
    case .listed(let entries): entries[number][field].map { ($0, 0) }
    }
  }

  /// The key of the shard's record at that place.
  func key(_ number: Int) -> String { Record.key(entry.first + number) }

  /// Reads the header of an array member; of pictures of one size the first is parsed, the others are compared
  /// with it byte by byte.
  func header(of bytes: UnsafeRawBufferPointer, _ number: Int, _ field: String) throws(Problem)
    -> NPYHeader
  {
    if let known = knownHeader.load(), known.begins(bytes) { return known.header }
    let place = "\(file.path): record \(key(number)), \(field)"
    let header = try NPYHeader(parsing: bytes, place: place)
    _ = knownHeader.storeIfNil(KnownHeader(header, Array(bytes[..<header.dataOffset])))
    return header
  }

  /// A problem that names shard, record and member.
  func problem(_ key: String, _ field: String, _ what: String) -> Problem {
    Problem(
      file.path, "record \(key), member \(field) \(what)",
      fix: "run 'dcpt-data verify' on the set's manifest; restore the shard or make the set again")
  }
}

/// A parsed array header with its bytes.
private final class KnownHeader: Sendable {
  let header: NPYHeader
  private let bytes: [UInt8]

  init(_ header: NPYHeader, _ bytes: [UInt8]) { (self.header, self.bytes) = (header, bytes) }

  /// Whether a file begins with this very header and is long enough for what it announces.
  func begins(_ file: UnsafeRawBufferPointer) -> Bool {
    guard let start = file.baseAddress,
      file.count - bytes.count >= header.count * header.itemSize
    else { return false }
    return memcmp(start, bytes, bytes.count) == 0
  }
}
