import Basics

/// One 512-byte header of a tar, in POSIX USTAR form.
///
/// Written exactly as Python's `tarfile` writes it for `webdataset.ShardWriter(mtime=0)`: mode 0444,
/// user and group `bigdata`, uid, gid and time 0.
public enum TarHeader {
  /// Headers, data and the end of the archive all fill whole blocks.
  public static let blockSize = 512
  /// A finished archive is a multiple of this many bytes.
  public static let archiveUnit = 10_240

  private static let checksumField = 148..<156

  /// The header of a regular file.
  ///
  /// - Precondition: the name is ASCII, at most 100 bytes; the size is below 8 GiB.
  public static func bytes(name: String, size: Int) -> [UInt8] {
    require(
      name.utf8.count <= 100 && name.utf8.allSatisfy { 32 < $0 && $0 < 127 },
      "TarHeader: '\(name)' is not a plain name of at most 100 bytes")
    require(size >= 0 && size < 1 << 33, "TarHeader: \(size) bytes do not fit a USTAR member")
    var block = [UInt8](repeating: 0, count: blockSize)
    func put(_ text: String, at offset: Int) {
      block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(name, at: 0)
    put("0000444", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(size, digits: 11), at: 124)
    put("00000000000", at: 136)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put("bigdata", at: 265)
    put("bigdata", at: 297)
    put(octal(block.withUnsafeBytes { checksum($0) }, digits: 6), at: 148)
    block[155] = UInt8(ascii: " ")
    return block
  }

  /// Whether the header's checksum is the sum of its bytes.
  static func isIntact(_ block: UnsafeRawBufferPointer) -> Bool {
    number(block[checksumField]) == checksum(block)
  }

  /// The type letter; an old archive's NUL means a regular file, as "0" does.
  static func type(_ block: UnsafeRawBufferPointer) -> Character {
    block[156] == 0 ? "0" : Character(Unicode.Scalar(block[156]))
  }

  /// The member's name, with the prefix that USTAR splits off long ones.
  static func name(_ block: UnsafeRawBufferPointer) -> String {
    let name = text(block[0..<100])
    // GNU archives use the prefix field for other things; they have blanks after "ustar".
    let prefix = block[262] == 0 ? text(block[345..<500]) : ""
    return prefix.isEmpty ? name : prefix + "/" + name
  }

  /// The size of the member's data; nil when the field is no number.
  static func size(_ block: UnsafeRawBufferPointer) -> Int? { number(block[124..<136]) }

  /// The bytes that a member of `size` bytes fills after its header.
  static func padded(_ size: Int) -> Int { (size + blockSize - 1) / blockSize * blockSize }

  /// The sum of all bytes, those of the checksum field taken as blanks.
  private static func checksum(_ block: UnsafeRawBufferPointer) -> Int {
    var sum: UInt32 = 0
    for byte in block { sum &+= UInt32(byte) }
    for byte in block[checksumField] { sum &-= UInt32(byte) }
    return Int(sum) + 8 * 32
  }

  /// A number in octal digits, or in base 256 where the first byte has its top bit set.
  private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      let digits = [first & 0x7F] + field.dropFirst()
      guard digits.dropLast(7).allSatisfy({ $0 == 0 }) else { return nil }
      return digits.suffix(7).reduce(0) { $0 << 8 | Int($1) }
    }
    let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
    guard digits.allSatisfy({ 48 <= $0 && $0 < 56 }), digits.count <= 12 else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 48) }
  }

  private static func octal(_ value: Int, digits: Int) -> String {
    let text = String(value, radix: 8)
    return String(repeating: "0", count: digits - text.count) + text
  }

  private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}
