import Basics
import Foundation
import Images
import Records
import TestSupport

/// A NumPy file of 32-bit floats.
func npy(_ values: [Float], shape: [Int]) -> [UInt8] {
  npy(values.flatMap { bytes(of: $0.bitPattern) }, type: "<f4", shape: shape)
}

/// A NumPy file of the given elements; `type` has three letters.
func npy(_ bytes: [UInt8], type: String, shape: [Int]) -> [UInt8] {
  var header = NPYHeader.bytes(shape: shape)
  // After the ten bytes of the preamble and "{'descr': '".
  header.replaceSubrange(21..<24, with: type.utf8)
  return header + bytes
}

/// The bytes of a number, the lowest first.
func bytes<T: FixedWidthInteger>(of number: T) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// A 16-bit PNG map whose values are given for each place.
func mapFile(_ width: Int, _ height: Int, _ value: (Int, Int) -> Float) -> [UInt8] {
  var map = Image(width: width, height: height, channels: 1)
  for y in 0..<height { for x in 0..<width { map[x, y, 0] = value(x, y) } }
  return PNGFile.encode16(map)
}

/// A folder of maps for the made-up photographs of `photos`, nearer for each number.
func maps(_ numbers: Range<Int>, in folder: TemporaryFolder, side: Int, name: String = "maps")
  throws -> String
{
  let path = folder.file(name)
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  for number in numbers {
    let file = mapFile(side + number, side) { x, y in
      Float(x + y + number) / Float(2 * side + 2 * number)
    }
    try AtomicFile.write(file, to: "\(path)/photo-\(number).png")
  }
  return path
}
