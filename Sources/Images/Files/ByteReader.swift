/// Numbers at given places of a file, nil beyond its end.
package struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  private let bigEndian: Bool

  /// Creates a reader whose place 0 is the first of `bytes`.
  package init(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) {
    self.bytes = bytes
    self.bigEndian = bigEndian
  }

  /// How many bytes there are.
  package var count: Int { bytes.count }

  /// Returns `count` bytes from `place` on.
  package func slice(_ place: Int, _ count: Int) -> ArraySlice<UInt8>? {
    guard place >= 0, count >= 0, place <= bytes.count, count <= bytes.count - place else {
      return nil
    }
    let start = bytes.startIndex + place
    return bytes[start..<start + count]
  }

  /// Returns the 16-bit number at `place`.
  package func u16(_ place: Int) -> Int? { number(place, 2) }

  /// Returns the 32-bit number at `place`.
  package func u32(_ place: Int) -> Int? { number(place, 4) }

  /// Returns the ASCII letters at `place`.
  package func text(_ place: Int, _ count: Int) -> String? {
    slice(place, count).map { String(decoding: $0, as: UTF8.self) }
  }

  private func number(_ place: Int, _ width: Int) -> Int? {
    guard let digits = slice(place, width) else { return nil }
    let ordered = bigEndian ? Array(digits) : digits.reversed()
    return ordered.reduce(0) { $0 << 8 | Int($1) }
  }
}
