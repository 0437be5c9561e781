import Basics

/// The header of a NumPy `.npy` file.
public struct NPYHeader: Equatable, Sendable {
  /// The element type as NumPy spells it: `|u1`, `<f4`.
  public let type: String
  /// The sides, slowest axis first.
  public let shape: [Int]
  /// Whether the first axis varies fastest.
  public let isFortran: Bool
  /// The byte at which the elements begin.
  public let dataOffset: Int
  /// The bytes of one element.
  public let itemSize: Int
  /// The count of elements.
  public let count: Int

  /// The bytes that every file begins with.
  public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let longestHeader = 10_000

  /// The header of a C-ordered array: 128 bytes for any picture, as NumPy writes it.
  public static func bytes(shape: [Int], type: String = "|u1") -> [UInt8] {
    let list = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(list)), }"
    // NumPy leaves room for a first axis that grows to 21 digits, then fills up to 64 bytes.
    let room = text.utf8.count + 21 - (shape.first.map { String($0).count } ?? 21)
    let total = (10 + room + 1) / 64 * 64 + 64
    text += String(repeating: " ", count: total - 11 - text.utf8.count) + "\n"
    let length = UInt16(total - 10)
    return magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
  }

  /// Reads the header of a file, and checks that the elements it announces are there.
  ///
  /// - Throws: `Problem` at `place` for another format, a version other than 1 to 3, an element type
  ///   that is not a plain number, and a file too short for its shape.
  public init(parsing bytes: UnsafeRawBufferPointer, place: String) throws(Problem) {
    func damaged(_ what: String) -> Problem { Problem(place, "npy: " + what) }
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(NPYHeader.magic) else {
      throw damaged("the file does not begin as a NumPy array does")
    }
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw damaged("version \(bytes[6]).\(bytes[7]) is not known, 1.0 to 3.0 are")
    }
    let start = bytes[6] == 1 ? 10 : 12
    guard bytes.count >= start else { throw damaged("the header is cut short") }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= NPYHeader.longestHeader, start + length <= bytes.count else {
      throw damaged("the header announces \(length) bytes")
    }
    var fields = Fields(Array(bytes[start..<start + length]))
    guard fields.parse(), let type = fields.type, let shape = fields.shape,
      let fortran = fields.fortran
    else { throw damaged("the header cannot be understood") }
    guard let itemSize = NPYHeader.itemSize(type) else {
      throw damaged("elements of type '\(type)' are not plain numbers")
    }
    guard let count = NPYHeader.product(shape),
      count * itemSize <= bytes.count - start - length
    else {
      throw damaged(
        "\(bytes.count - start - length) bytes of data are too few for the shape \(shape)")
    }
    (self.type, self.shape, isFortran, self.itemSize) = (type, shape, fortran, itemSize)
    (dataOffset, self.count) = (start + length, count)
  }

  /// The size of a number's type such as `<f4`; nil for objects, text and structures.
  private static func itemSize(_ type: String) -> Int? {
    guard type.count >= 3, let order = type.first, "<>|=".contains(order),
      "biufc".contains(type.dropFirst().prefix(1)), let size = Int(type.dropFirst(2)),
      [1, 2, 4, 8, 16].contains(size)
    else { return nil }
    return size
  }

  private static func product(_ shape: [Int]) -> Int? {
    var count = 1
    for side in shape {
      let (next, overflow) = count.multipliedReportingOverflow(by: side)
      guard !overflow, next < 1 << 48 else { return nil }
      count = next
    }
    return count
  }
}

extension NPYHeader {
  /// The Python dictionary in the header: three keys in any order.
  private struct Fields {
    let text: [UInt8]
    var at = 0
    var type: String?
    var shape: [Int]?
    var fortran: Bool?

    init(_ text: [UInt8]) { self.text = text }

    mutating func parse() -> Bool {
      guard take("{") else { return false }
      while !take("}") {
        guard let key = quoted(), take(":"), value(of: key), take(",") || isNext("}") else {
          return false
        }
      }
      skipBlanks()
      return at == text.count
    }

    private mutating func value(of key: String) -> Bool {
      switch key {
      case "descr": type = quoted()
      case "fortran_order": fortran = word("True") ? true : word("False") ? false : nil
      case "shape": shape = tuple()
      default: return false
      }
      return key == "descr" ? type != nil : key == "shape" ? shape != nil : fortran != nil
    }

    private mutating func tuple() -> [Int]? {
      guard take("(") else { return nil }
      var sides: [Int] = []
      while !take(")") {
        skipBlanks()
        let digits = text[at...].prefix { 48 <= $0 && $0 < 58 }
        guard let side = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        at += digits.count
        sides.append(side)
        // One side alone without a comma is a number in brackets.
        guard take(",") || sides.count > 1 && isNext(")") else { return nil }
      }
      return sides
    }

    private mutating func isNext(_ character: Character) -> Bool {
      let start = at
      defer { at = start }
      return take(character)
    }

    private mutating func quoted() -> String? {
      guard take("'") else { return nil }
      let body = text[at...].prefix { $0 != UInt8(ascii: "'") }
      at += body.count
      return take("'") ? String(decoding: body, as: UTF8.self) : nil
    }

    private mutating func word(_ word: String) -> Bool {
      skipBlanks()
      guard text[at...].starts(with: word.utf8) else { return false }
      at += word.utf8.count
      return true
    }

    private mutating func take(_ character: Character) -> Bool { word(String(character)) }

    private mutating func skipBlanks() {
      while at < text.count, text[at] == 32 || text[at] == 10 { at += 1 }
    }
  }
}

/// A NumPy array as it lies in a file, brought into C order.
public struct NPYArray: Equatable, Sendable {
  /// What the file says about its elements.
  public let header: NPYHeader
  /// The elements, last axis fastest, in the byte order that the type states.
  public let bytes: [UInt8]

  /// Reads a whole `.npy` file.
  public init(parsing file: UnsafeRawBufferPointer, place: String) throws(Problem) {
    header = try NPYHeader(parsing: file, place: place)
    let data = file[header.dataOffset..<header.dataOffset + header.count * header.itemSize]
    bytes = header.isFortran ? NPYArray.transposed(Array(data), header) : Array(data)
  }

  /// A picture of bytes as a `.npy` file.
  public static func file(_ bytes: [UInt8], shape: [Int]) -> [UInt8] {
    require(shape.reduce(1, *) == bytes.count, "NPYArray: \(bytes.count) bytes for \(shape)")
    return NPYHeader.bytes(shape: shape) + bytes
  }

  /// A map of floats as a `.npy` file, lowest byte first.
  public static func file(_ values: [Float], shape: [Int]) -> [UInt8] {
    require(shape.reduce(1, *) == values.count, "NPYArray: \(values.count) floats for \(shape)")
    let data = values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
    return NPYHeader.bytes(shape: shape, type: "<f4") + data
  }

  private static func transposed(_ bytes: [UInt8], _ header: NPYHeader) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    for element in 0..<header.count {
      var rest = element
      var place = 0
      var step = header.count
      for side in header.shape.reversed() {
        step /= side
        place += rest % side * step
        rest /= side
      }
      out += bytes[place * header.itemSize..<(place + 1) * header.itemSize]
    }
    return out
  }
}
