import Basics
import Images

/// A Qt resource file (`.rcc`, format 1 to 3): a tree of named files in one.
///
/// Big-endian numbers. Head: "qres", version, places of the tree, the data and the names. A tree
/// record holds the place of its name, flags, then for a folder its count and first child, for a
/// file the place of its data.
struct QtResource {
  private struct Entry {
    let flags: Int
    /// Place in the tree of the first child, and how many there are; or 0 and the place of the data.
    let count, place: Int
  }

  private let path: String
  private let reader: ByteReader
  private let tree, data, names, recordSize: Int
  /// Where each file's record stands, by the last part of its name.
  private var files: [String: Entry] = [:]

  /// Reads the tree of a resource file; problems are reported under `place`.
  ///
  /// - Throws: `Problem` when it is damaged.
  init(_ file: [UInt8], place: String) throws(Problem) {
    path = place
    reader = ByteReader(file[...], bigEndian: true)
    guard reader.text(0, 4) == "qres", let version = reader.u32(4), let tree = reader.u32(8),
      let data = reader.u32(12), let names = reader.u32(16), (1...3).contains(version)
    else {
      throw Problem(path, "is not a Qt resource file", fix: "install its package again")
    }
    (self.tree, self.data, self.names) = (tree, data, names)
    // From version 2 on, a record ends in the time of the last change.
    recordSize = version == 1 ? 14 : 22
    try collect()
  }

  /// Returns the bytes of the file of that name, nil if there is none.
  ///
  /// - Throws: `Problem` when the data lie outside the file, or are compressed, as no photograph is.
  func file(_ name: String) throws(Problem) -> [UInt8]? {
    guard let entry = files[name] else { return nil }
    let place = data + entry.place
    guard let size = reader.u32(place), let bytes = reader.slice(place + 4, size) else {
      throw damage("the data of '\(name)' lie outside it")
    }
    guard entry.flags & 1 == 0 else { throw damage("'\(name)' is compressed") }
    return Array(bytes)
  }

  private mutating func collect() throws(Problem) {
    var open = [0]
    var seen = 0
    while let index = open.popLast() {
      seen += 1
      guard let entry = entry(index), seen <= reader.count else {
        throw damage("its tree does not fit the file")
      }
      if entry.flags & 2 != 0 {
        guard entry.count <= reader.count / recordSize else {
          throw damage("its tree does not fit the file")
        }
        open += entry.place..<entry.place + entry.count
      } else if let name = name(index) {
        files[name] = entry
      }
    }
  }

  private func entry(_ index: Int) -> Entry? {
    let place = tree + index * recordSize
    guard let flags = reader.u16(place + 4), let count = reader.u32(place + 6),
      let last = reader.u32(place + 10)
    else { return nil }
    return Entry(flags: flags, count: count, place: last)
  }

  private func name(_ index: Int) -> String? {
    guard let offset = reader.u32(tree + index * recordSize),
      let length = reader.u16(names + offset)
    else { return nil }
    let units = (0..<length).compactMap { reader.u16(names + offset + 6 + 2 * $0) }
    return String(decoding: units.map { UInt16($0) }, as: UTF16.self)
  }

  private func damage(_ what: String) -> Problem {
    Problem(path, "is damaged: \(what)", fix: "install its package again")
  }
}
