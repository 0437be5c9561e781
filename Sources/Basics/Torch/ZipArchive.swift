/// The files in a zip archive that are stored as they are, uncompressed (PKWARE APPNOTE 6.3, with zip64).
///
/// That is the form in which PyTorch packs its files. The archive's bytes are not copied.
struct ZipArchive {
  private let bytes: [UInt8]
  private let path: String
  private var places: [String: Range<Int>] = [:]

  /// Whether a file begins as zip archives do.
  static func isZip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

  /// Finds all files through the directory at the archive's end.
  ///
  /// - Throws: `Problem` naming the file that is compressed, encrypted, or does not lie in the archive.
  init(_ bytes: [UInt8], path: String) throws(Problem) {
    (self.bytes, self.path) = (bytes, path)
    let directory = try directory()
    var offset = directory.offset
    for _ in 0..<directory.count {
      let entry = try entry(at: offset)
      places[entry.name] = try content(of: entry)
      offset = entry.end
    }
  }

  /// The names of all files, in no order.
  var names: some Collection<String> { places.keys }

  /// The bytes of a file.
  subscript(name: String) -> ArraySlice<UInt8>? { places[name].map { bytes[$0] } }

  private struct Entry {
    var name: String
    var size: Int
    var header: Int
    var end: Int
  }

  /// Where the directory begins, and its count of files.
  private func directory() throws(Problem) -> (offset: Int, count: Int) {
    // A comment of at most 65,535 bytes may stand behind the last record.
    let first = max(0, bytes.count - 22 - 65_535)
    for end in stride(from: bytes.count - 22, through: first, by: -1)
    where number(end, 4) == 0x0605_4B50 {
      guard let count = number(end + 10, 2), let offset = number(end + 16, 4) else { break }
      return count == 0xFFFF || offset == 0xFFFF_FFFF ? try largeDirectory(end) : (offset, count)
    }
    throw damaged("has no directory at its end")
  }

  /// The same of an archive beyond 4 GiB or 65,535 files.
  private func largeDirectory(_ end: Int) throws(Problem) -> (offset: Int, count: Int) {
    guard number(end - 20, 4) == 0x0706_4B50, let record = number(end - 12, 8),
      number(record, 4) == 0x0606_4B50, let count = number(record + 32, 8),
      let offset = number(record + 48, 8), count <= bytes.count / 46
    else { throw damaged("has a damaged zip64 directory") }
    return (offset, count)
  }

  private func entry(at offset: Int) throws(Problem) -> Entry {
    guard number(offset, 4) == 0x0201_4B50, let flags = number(offset + 8, 2),
      let method = number(offset + 10, 2), let packed = number(offset + 20, 4),
      let size = number(offset + 24, 4), let nameSize = number(offset + 28, 2),
      let extraSize = number(offset + 30, 2), let commentSize = number(offset + 32, 2),
      let header = number(offset + 42, 4), offset + 46 + nameSize + extraSize <= bytes.count
    else { throw damaged("has a damaged directory at byte \(offset)") }
    let extra = offset + 46 + nameSize
    let name = String(decoding: bytes[offset + 46..<extra], as: UTF8.self)
    guard method == 0, flags & 1 == 0, packed == size else {
      throw Problem(
        path, "'\(name)' is compressed or encrypted, which PyTorch's files never are",
        fix: "give the file that torch.save wrote")
    }
    var entry = Entry(
      name: name, size: size, header: header, end: extra + extraSize + commentSize)
    try enlarge(&entry, packed, extra..<extra + extraSize)
    return entry
  }

  /// Takes the numbers that need more than 32 bits from their extra field.
  private func enlarge(_ entry: inout Entry, _ packed: Int, _ extra: Range<Int>) throws(Problem) {
    let all = 0xFFFF_FFFF
    guard entry.size == all || entry.header == all else { return }
    var offset = extra.lowerBound
    while let id = number(offset, 2), let size = number(offset + 2, 2),
      offset + 4 + size <= extra.upperBound
    {
      guard id != 1 else {
        var place = offset + 4
        func next() throws(Problem) -> Int {
          guard let value = number(place, 8), place + 8 <= offset + 4 + size else {
            throw damaged("has a damaged zip64 entry '\(entry.name)'")
          }
          place += 8
          return value
        }
        if entry.size == all { entry.size = try next() }
        if packed == all { _ = try next() }
        if entry.header == all { entry.header = try next() }
        return
      }
      offset += 4 + size
    }
  }

  /// Where a file's bytes lie: behind its local header.
  private func content(of entry: Entry) throws(Problem) -> Range<Int> {
    guard number(entry.header, 4) == 0x0403_4B50, let nameSize = number(entry.header + 26, 2),
      let extraSize = number(entry.header + 28, 2)
    else { throw damaged("has no header for '\(entry.name)' at byte \(entry.header)") }
    let start = entry.header + 30 + nameSize + extraSize
    guard entry.size <= bytes.count - start else {
      throw damaged("is cut short within '\(entry.name)'")
    }
    return start..<start + entry.size
  }

  /// A little-endian number; nil where it would lie outside the archive or beyond 2^62.
  private func number(_ offset: Int, _ size: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    let value = bytes[offset..<offset + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return value < 1 << 62 ? Int(value) : nil
  }

  private func damaged(_ what: String) -> Problem {
    Problem(path, "is a zip archive that \(what)", fix: "fetch or save the file again")
  }
}
