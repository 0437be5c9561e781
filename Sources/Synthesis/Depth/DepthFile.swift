import Basics
import Images
import Records

/// Reads depth maps: gray PNG and TIFF, and NumPy arrays.
enum DepthFile {
  /// The endings of names that are looked for, the more exact kinds first.
  static let endings = ["npy", "tiff", "tif", "png"]

  /// Reads the raw values of a file, known by its content.
  ///
  /// - Throws: `Problem` at `place` for another kind of file, more than one channel, or damage.
  static func decode(_ file: [UInt8], place: String) throws(Problem) -> StoredMap {
    guard file.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      return try MapFile.decode(file, place: place)
    }
    let array = try file.withUnsafeBytes { bytes in
      Result { () throws(Problem) in try NPYArray(parsing: bytes, place: place) }
    }.get()
    let shape = array.header.shape
    guard shape.count == 2 || shape.count == 3 && shape[2] == 1, array.header.count > 0 else {
      throw Problem(
        place, "has the shape \(shape), not height x width", fix: "save one channel of it")
    }
    guard Double(array.header.count) <= PictureFile.defaultLimit * 1e6 else {
      throw Problem(place, "has \(array.header.count) values, above the limit of 400 million")
    }
    guard let (values, bits) = numbers(array) else {
      throw Problem(
        place, "has elements of type '\(array.header.type)'",
        fix: "save it as uint8, uint16, float32 or float64")
    }
    return StoredMap(
      values: Image(width: shape[1], height: shape[0], channels: 1, pixels: values), bits: bits)
  }

  /// The elements as floats; nil for types that are not read.
  private static func numbers(_ array: NPYArray) -> (values: [Float], bits: Int)? {
    let isBig = array.header.type.hasPrefix(">")
    func whole<T: FixedWidthInteger>(_: T.Type) -> [T] {
      array.bytes.withUnsafeBytes { bytes in
        (0..<array.header.count).map { i in
          let stored = bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<T>.size, as: T.self)
          return isBig ? T(bigEndian: stored) : T(littleEndian: stored)
        }
      }
    }
    switch array.header.type.dropFirst() {
    case "u1": return (array.bytes.map { Float($0) }, 8)
    case "u2": return (whole(UInt16.self).map { Float($0) }, 16)
    case "f4": return (whole(UInt32.self).map { Float(bitPattern: $0) }, 32)
    case "f8": return (whole(UInt64.self).map { Float(Double(bitPattern: $0)) }, 32)
    default: return nil
    }
  }
}
