import Basics

/// Changes files in the ways that disks, networks and attackers do; the same number makes the same
/// change.
struct Mutator {
  private var random: RandomStream

  /// The changes of case number `number`.
  init(_ number: Int) { random = RandomStream(seed: 5, index: UInt64(number)) }

  /// Returns `file` after one to four changes; `others` are what pieces are spliced in from.
  mutating func mutated(_ file: [UInt8], _ others: [[UInt8]]) -> [UInt8] {
    var bytes = file
    for _ in 0...random.integer(below: 4) { change(&bytes, others) }
    return bytes
  }

  /// Returns a PNG file after one to four changes; in nine of ten cases the checksums of its chunks are made to
  /// fit again, as an attacker would, so that the decoder behind them is reached.
  mutating func mutatedPNG(_ file: [UInt8], _ others: [[UInt8]]) -> [UInt8] {
    var bytes = mutated(file, others)
    guard random.chance(0.9) else { return bytes }
    func number(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    var at = 8
    while at + 12 <= bytes.count, number(at: at) <= bytes.count - at - 12 {
      let end = at + 8 + number(at: at)
      let sum = Mutator.crc32(bytes[at + 4..<end])
      for i in 0..<4 { bytes[end + i] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * i)) }
      at = end + 4
    }
    return bytes
  }

  /// The checksum of PNG chunks: CRC-32 with the reflected polynomial EDB88320.
  private static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in
        value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0)
      }
    }
  }

  /// Returns `file` with one bit flipped, and where; the file must not be empty.
  mutating func flipped(_ file: [UInt8]) -> (bytes: [UInt8], at: Int) {
    var bytes = file
    let at = random.integer(below: bytes.count)
    bytes[at] ^= 1 << random.integer(below: 8)
    return (bytes, at)
  }

  /// Returns the beginning of a file, shorter than the whole.
  mutating func cut(_ file: [UInt8]) -> [UInt8] {
    // Cuts at blocks are the ones that look most like an intact file.
    let end = random.integer(below: file.count)
    return Array(file[..<(random.chance(0.5) ? end / 512 * 512 : end)])
  }

  private mutating func change(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
    guard !bytes.isEmpty else { return }
    switch random.integer(below: 9) {
    case 0: bytes = flipped(bytes).bytes
    case 1: bytes = cut(bytes)
    case 2: overwrite(&bytes)
    case 3: splice(&bytes, others)
    case 4: remove(&bytes)
    case 5: changeNumber(&bytes)
    case 6, 7: changeHeader(&bytes)
    default: copyBlock(&bytes)
    }
  }

  /// Puts a few bytes of one value somewhere.
  private mutating func overwrite(_ bytes: inout [UInt8]) {
    let at = random.integer(below: bytes.count)
    let values: [UInt8] = [0, 0x20, 0x30, 0x37, 0x39, 0x7F, 0x80, 0xFF]
    let value = values[random.integer(below: values.count)]
    for i in at..<min(bytes.count, at + 1 + random.integer(below: 16)) { bytes[i] = value }
  }

  /// Puts a piece of another file in.
  private mutating func splice(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
    let other = others[random.integer(below: others.count)]
    guard !other.isEmpty else { return }
    let unit = random.chance(0.5) ? 512 : 1
    let from = random.integer(below: other.count) / unit * unit
    let length = min(other.count - from, (1 + random.integer(below: 1024)) * unit)
    let at = random.integer(below: bytes.count + 1) / unit * unit
    // Files must not grow without bounds: long ones only make the cases slow.
    guard bytes.count + length < 1 << 17 else { return }
    bytes.insert(contentsOf: other[from..<from + length], at: at)
  }

  private mutating func remove(_ bytes: inout [UInt8]) {
    let unit = random.chance(0.5) ? 512 : 1
    let at = random.integer(below: bytes.count) / unit * unit
    bytes.removeSubrange(at..<min(bytes.count, at + (1 + random.integer(below: 8)) * unit))
  }

  /// Puts another number in place of one that is written in digits.
  private mutating func changeNumber(_ bytes: inout [UInt8]) {
    let start = random.integer(below: bytes.count)
    guard let at = bytes[start...].firstIndex(where: { 48 <= $0 && $0 < 58 }) else { return }
    let digits = bytes[at...].prefix { 48 <= $0 && $0 < 58 }
    let texts = [
      "0", "1", "-1", "7", "77777777777", "99999999999", "9223372036854775807",
      "9223372036854775808", "18446744073709551616", "1e999", "00000000000",
    ]
    let text = texts[random.integer(below: texts.count)]
    bytes.replaceSubrange(digits.indices, with: text.utf8)
  }

  /// Changes a field of a tar header and makes the checksum fit again, as an attacker would.
  private mutating func changeHeader(_ bytes: inout [UInt8]) {
    guard bytes.count >= 512 else { return }
    let starts = stride(from: 0, through: bytes.count - 512, by: 512).filter {
      bytes[$0 + 257..<$0 + 262].elementsEqual("ustar".utf8)
    }
    guard !starts.isEmpty else { return }
    let header = starts[random.integer(below: starts.count)]
    let fields = [0..<100, 124..<136, 124..<136, 156..<157, 345..<500]
    let field = fields[random.integer(below: fields.count)]
    let values: [[UInt8]] = [
      Array("77777777777\0".utf8), Array("00000000000\0".utf8), Array("00000001000\0".utf8),
      [0x80] + [UInt8](repeating: 0xFF, count: 11), [0xFF] + [UInt8](repeating: 0xFF, count: 11),
      [0x80, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      Array("x".utf8), Array("g".utf8), Array("L".utf8), Array("K".utf8), Array("5".utf8),
      Array("000000001.json\0".utf8), Array("../../etc/passwd\0".utf8), [0],
    ]
    for (i, byte) in zip(field, values[random.integer(below: values.count)]) {
      bytes[header + i] = byte
    }
    guard random.chance(0.9) else { return }
    let sum = (0..<512).reduce(0) { sum, i in
      sum + (148..<156 ~= i ? 32 : Int(bytes[header + i]))
    }
    let octal = String(sum, radix: 8)
    let text = String(repeating: "0", count: max(0, 6 - octal.count)) + octal + "\0 "
    bytes.replaceSubrange(header + 148..<header + 156, with: text.utf8)
  }

  private mutating func copyBlock(_ bytes: inout [UInt8]) {
    let blocks = bytes.count / 512
    guard blocks > 1 else { return }
    let (from, to) = (random.integer(below: blocks) * 512, random.integer(below: blocks) * 512)
    bytes.replaceSubrange(to..<to + 512, with: Array(bytes[from..<from + 512]))
  }
}

/// Calls `body` with a copy of the bytes that ends where its memory ends, so that AddressSanitizer sees
/// the first byte that is read behind it.
func withExactCopy<R>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
{
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { copy.deallocate() }
  copy.copyBytes(from: bytes)
  return try body(UnsafeRawBufferPointer(copy))
}
