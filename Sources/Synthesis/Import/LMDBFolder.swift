import Basics
import Glibc
import Records

/// An LMDB database of pictures as BasicSR writes it: `NAME.lmdb` with `data.mdb` and `meta_info.txt`.
///
/// A key is a picture's name without extension, its value the bytes of a PNG file. A line of
/// `meta_info.txt` is `KEY.png (HEIGHT,WIDTH,CHANNELS) COMPRESSION`; where that file is there it says
/// which keys are the set's, as it does for BasicSR. Nothing is written into the folder, no lock either.
struct LMDBFolder {
  /// The pictures that can be used, by rising key.
  let entries: [LMDBIndex.Entry]
  /// Keys of one of the two files alone.
  let setAside: [Manifest.SetAside]
  /// Where the values lie.
  let path: String

  private static let dataFile = "data.mdb"
  private static let listFile = "meta_info.txt"

  /// Whether a folder holds a database.
  static func isOne(_ folder: String) -> Bool { access(folder + "/" + dataFile, F_OK) == 0 }

  /// Reads the keys of a database.
  ///
  /// - Throws: `Problem` when the database is damaged, or the list cannot be read.
  init(reading folder: String) throws(Problem) {
    path = folder + "/" + LMDBFolder.dataFile
    let file = try MappedFile(path)
    let all = try LMDBIndex(scanning: file.bytes, place: path).entries
    let list = folder + "/" + LMDBFolder.listFile
    guard access(list, F_OK) == 0 else {
      (entries, setAside) = (all, [])
      return
    }
    let named = LMDBFolder.keys(in: try readFile(list))
    let present = Set(all.map(\.key))
    entries = all.filter { named.contains($0.key) }
    setAside =
      named.subtracting(present).sorted().map {
        .init(file: $0, reason: "is named in \(LMDBFolder.listFile) and not in the database")
      }
      + all.filter { !named.contains($0.key) }.map {
        .init(file: $0.key, reason: "is not named in \(LMDBFolder.listFile)")
      }
  }

  /// What stands before the sides on each line, without the extension; keys may hold dots and blanks.
  private static func keys(in list: [UInt8]) -> Set<String> {
    let lines = String(decoding: list, as: UTF8.self).split(whereSeparator: \.isNewline)
    return Set(
      lines.compactMap { line in
        let name = line.prefix(upTo: line.lastIndex(of: "(") ?? line.endIndex).trimmed
        return name.isEmpty ? nil : PictureFolder.stem(String(name))
      })
  }
}
