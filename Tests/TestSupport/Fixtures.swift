import Foundation

/// Small files that other programs wrote, with the scripts that made them, in `Tests/Fixtures`.
public enum Fixtures {
  /// The path of a file.
  public static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/" + name).path
  }

  /// The keys of the databases in `lmdb`, in the order in which they were written.
  public static let lmdbKeys =
    (0..<7).map { "000\($0 / 3 + 1)_s00\($0 % 3 + 1)" } + ["000/00000000", "000/00000001"]

  /// Picture number `i` of such a database, by the formula of `make_lmdb.py`; lq has 5 for `salt`, gt 0.
  public static func lmdbPicture(_ i: Int, salt: UInt8) -> (
    width: Int, height: Int, bytes: [UInt8]
  ) {
    let (width, height) = i % 4 == 3 ? (40, 30) : (16 + i % 3, 16)
    let bytes = (0..<width * height * 3).map { place -> UInt8 in
      let (x, y, c) = (place / 3 % width, place / 3 / width, place % 3)
      let columns = UInt32(x) &* 374_761_393 &+ UInt32(y) &* 668_265_263
      let mixed = columns &+ UInt32(c + i * 3) &* 974_711
      let hashed = (mixed ^ (mixed >> 13)) &* 1_274_126_177
      return UInt8(truncatingIfNeeded: hashed >> 16) &+ salt
    }
    return (width, height, bytes)
  }
}
