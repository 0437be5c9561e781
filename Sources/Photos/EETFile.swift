import Basics
import Images

/// An Enlightenment theme (`.edj`, an EET file): named pieces, among them one photo in many sizes.
///
/// Big-endian words: magic, count, size of a dictionary; then for each piece the place and size of its
/// data, its unpacked size, the place and length of its name, and flags (0: stored as it is).
enum EETFile {
  /// Returns the longest JPEG file among the pictures in an EET file, nil if there is none.
  ///
  /// - Throws: `Problem`, reported under `path`, when the file is damaged.
  static func largestJPEG(in file: [UInt8], place path: String) throws(Problem) -> [UInt8]? {
    let reader = ByteReader(file[...], bigEndian: true)
    guard reader.u32(0) == 0x1ee7_0f42, let count = reader.u32(4), count <= file.count / 24 else {
      throw Problem(path, "is not an EET file", fix: "install its package again")
    }
    var largest: ArraySlice<UInt8>?
    for record in 0..<count {
      let head = 12 + 24 * record
      guard let place = reader.u32(head), let size = reader.u32(head + 4),
        let name = reader.u32(head + 12), let data = reader.slice(place, size)
      else {
        throw Problem(path, "is damaged: a piece lies outside it", fix: "install its package again")
      }
      let isPicture = reader.text(name, 12) == "edje/images/" && data.starts(with: [0xFF, 0xD8])
      if isPicture && data.count > largest?.count ?? 0 { largest = data }
    }
    return largest.map { Array($0) }
  }
}
