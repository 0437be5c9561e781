/// Collects files for a zip archive that stores them as they are.
struct ZipWriter {
  private(set) var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// PyTorch maps its files; 64 bytes suit every element type and vector.
  private static let alignment = 64
  /// What fills up to there is an extra field of this kind, as Android's zipalign writes it.
  private static let alignmentField = 0xD935

  /// Appends a file.
  mutating func add(_ name: String, _ content: [UInt8]) {
    let offset = bytes.count
    let name = Array(name.utf8)
    let start = offset + 30 + name.count + 4
    let padding = (ZipWriter.alignment - start % ZipWriter.alignment) % ZipWriter.alignment
    let common = ZipWriter.fields(content, nameSize: name.count)
    bytes += ZipWriter.number(0x0403_4B50, 4) + common + ZipWriter.number(4 + padding, 2) + name
    bytes += ZipWriter.number(ZipWriter.alignmentField, 2) + ZipWriter.number(padding, 2)
    bytes += [UInt8](repeating: 0, count: padding) + content
    directory += ZipWriter.number(0x0201_4B50, 4) + ZipWriter.number(20, 2) + common
    // No extra field, no comment, first disk, no attributes.
    directory += [UInt8](repeating: 0, count: 12) + ZipWriter.number(offset, 4) + name
    count += 1
  }

  /// The whole archive; nil when it passes 4 GiB or 65,534 files, which this form cannot hold.
  func finished() -> [UInt8]? {
    guard bytes.count + directory.count < 0xFFFF_FFFF, count < 0xFFFF else { return nil }
    let end =
      ZipWriter.number(0x0605_4B50, 4) + ZipWriter.number(0, 4) + ZipWriter.number(count, 2)
      + ZipWriter.number(count, 2) + ZipWriter.number(directory.count, 4)
      + ZipWriter.number(bytes.count, 4) + ZipWriter.number(0, 2)
    return bytes + directory + end
  }

  /// What both headers of a file say: version, no flags, stored, the first day of the format's time, sum, sizes.
  private static func fields(_ content: [UInt8], nameSize: Int) -> [UInt8] {
    number(20, 2) + number(0, 4) + number(0, 2) + number(0x21, 2)
      + number(Int(Checksum.crc32(content)), 4) + number(content.count, 4)
      + number(content.count, 4) + number(nameSize, 2)
  }

  private static func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
