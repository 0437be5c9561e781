import Basics

/// A regular file in a tar.
public struct TarMember: Equatable, Sendable {
  /// The member's whole name.
  public let name: String
  /// Where its header begins; long-name headers in front of it are not counted.
  public let headerOffset: Int
  /// Where its data begins.
  public let dataOffset: Int
  /// The bytes of its data.
  public let size: Int
}

/// Walks the members of a tar strictly: damage is reported, never taken for the archive's end.
///
/// Follows GNU `L`/`K` and PAX `x`/`g` headers (their `path` and `size`); members that are not regular
/// files are passed over.
struct TarScanner {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0
  private var next = Override()
  private var always = Override()
  /// Where the headers begin that describe a member which has not come yet.
  private var described: Int?
  /// Whether a zero block ended the archive.
  private(set) var hasTrailer = false

  private struct Override {
    var path: String?
    var size: Int?
  }

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Returns the next regular file; nil at the end of an intact archive.
  mutating func nextMember() throws(ShardDamage) -> TarMember? {
    guard !bytes.isEmpty else { throw ShardDamage(.emptyFile, at: 0) }
    while at < bytes.count {
      guard at + TarHeader.blockSize <= bytes.count else {
        throw ShardDamage(.truncatedHeader, at: at)
      }
      let block = UnsafeRawBufferPointer(rebasing: bytes[at..<at + TarHeader.blockSize])
      if block.allSatisfy({ $0 == 0 }) {
        try endArchive()
        return nil
      }
      if let member = try member(block) { return member }
    }
    try requireNoneDue()
    return nil
  }

  /// An archive that ends behind the long name of a member has lost the member.
  private func requireNoneDue() throws(ShardDamage) {
    if let described { throw ShardDamage(.truncatedMember, at: described, member: next.path) }
  }

  /// Reads one header and steps over its data; nil when it is no regular file.
  private mutating func member(_ block: UnsafeRawBufferPointer) throws(ShardDamage) -> TarMember? {
    guard TarHeader.isIntact(block) else { throw ShardDamage(.headerChecksum, at: at) }
    let type = TarHeader.type(block)
    let describesNext = "xgLK".contains(type)
    let name = describesNext ? TarHeader.name(block) : override.path ?? TarHeader.name(block)
    let written = TarHeader.size(block)
    guard let size = describesNext ? written : override.size ?? written else {
      throw ShardDamage(.unreadableHeader, at: at)
    }
    let data = at + TarHeader.blockSize
    guard size <= bytes.count - data, TarHeader.padded(size) <= bytes.count - data else {
      throw ShardDamage(.truncatedMember, at: at, member: name)
    }
    let header = at
    at = data + TarHeader.padded(size)
    if describesNext {
      try follow(type, data..<data + size, header)
      return nil
    }
    (next, described) = (Override(), nil)
    guard type == "0" else { return nil }
    return TarMember(name: name, headerOffset: header, dataOffset: data, size: size)
  }

  private var override: Override {
    Override(path: next.path ?? always.path, size: next.size ?? always.size)
  }

  private mutating func follow(_ type: Character, _ data: Range<Int>, _ header: Int)
    throws(ShardDamage)
  {
    if type != "g" { described = described ?? header }
    switch type {
    case "L": next.path = String(decoding: bytes[data].prefix { $0 != 0 }, as: UTF8.self)
    case "x": try readPax(data, header, &next)
    case "g": try readPax(data, header, &always)
    default: break  // K: the target of a link
    }
  }

  /// Reads records of the form `LEN KEY=VALUE\n`, LEN counting the whole record; an empty value takes
  /// back what was said before.
  private func readPax(_ data: Range<Int>, _ header: Int, _ target: inout Override)
    throws(ShardDamage)
  {
    var rest = bytes[data]
    while !rest.isEmpty {
      let digits = rest.prefix { $0 != 32 }
      guard let length = TarScanner.decimal(digits), length > digits.count + 2,
        length <= rest.count, rest[rest.startIndex + length - 1] == UInt8(ascii: "\n")
      else { throw ShardDamage(.unreadableHeader, at: header) }
      let record = rest.prefix(length).dropFirst(digits.count + 1).dropLast()
      let key = record.prefix { $0 != UInt8(ascii: "=") }
      guard key.count < record.count else { throw ShardDamage(.unreadableHeader, at: header) }
      let value = record.dropFirst(key.count + 1)
      switch String(decoding: key, as: UTF8.self) {
      case "path": target.path = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
      case "size":
        target.size = TarScanner.decimal(value)
        guard value.isEmpty || target.size != nil else {
          throw ShardDamage(.unreadableHeader, at: header)
        }
      // The data of such a member is a map of holes and what lies between them, not the file.
      case let key where key.hasPrefix("GNU.sparse"):
        throw ShardDamage(.unreadableHeader, at: header)
      default: break
      }
      rest = rest.dropFirst(length)
    }
  }

  /// A number of digits alone: no sign, no blanks.
  private static func decimal(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard digits.count <= 19, digits.allSatisfy({ 48 <= $0 && $0 < 58 }) else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  /// After the first zero block only zeros may follow, in whole blocks.
  private mutating func endArchive() throws(ShardDamage) {
    try requireNoneDue()
    hasTrailer = true
    if let tail = bytes[at...].firstIndex(where: { $0 != 0 }) {
      throw ShardDamage(.bytesAfterEnd, at: tail)
    }
    let excess = bytes.count % TarHeader.blockSize
    guard excess == 0 else { throw ShardDamage(.bytesAfterEnd, at: bytes.count - excess) }
    at = bytes.count
  }
}
