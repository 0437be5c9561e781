/// A size of memory or of a file, in bytes, as people write it.
public struct ByteCount: Sendable, Equatable, CustomStringConvertible {
  /// Bytes.
  public let bytes: Int

  private static let units = ["B", "KiB", "MiB", "GiB", "TiB"]

  /// Creates a size.
  public init(_ bytes: Int) { self.bytes = bytes }

  /// Reads "8GiB", "8G", "1.5 GiB", "512MiB" or a number of bytes; units are powers of 1024.
  ///
  /// - Returns: nil for anything else, and for sizes below one byte or beyond what an `Int` holds.
  public init?(parsing text: String) {
    let words = text.lowercased().filter { $0 != " " }
    let number = words.prefix { $0.isNumber || $0 == "." }
    let unit = String(words.dropFirst(number.count))
    let names = ByteCount.units.map { $0.lowercased() }
    let power = names.firstIndex { $0 == unit || unit.count == 1 && $0.hasPrefix(unit) }
    guard let value = Double(number), let power = unit.isEmpty ? 0 : power else { return nil }
    let bytes = value * Double(1 << (10 * power))
    guard bytes >= 1, bytes < 0x1p62 else { return nil }
    self.init(Int(bytes))
  }

  /// Three digits or so, and the unit: "36.4 MiB".
  public var description: String {
    var (value, power) = (Double(bytes), 0)
    while value >= 1023.5, power + 1 < ByteCount.units.count {
      (value, power) = (value / 1024, power + 1)
    }
    let decimals = power == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    return fixed(value, decimals) + " " + ByteCount.units[power]
  }
}
