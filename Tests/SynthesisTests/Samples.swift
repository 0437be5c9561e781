import Basics
import Foundation
import Images
import Synthesis
import TestSupport

/// Writes a recipe into a folder and reads it.
func recipe(_ text: String, in folder: TemporaryFolder) throws -> Recipe {
  let path = folder.file("sample.yaml")
  try AtomicFile.write(text, to: path)
  return try Recipe(reading: path)
}

/// A folder of made-up photographs, each of its own size and content.
func photos(_ count: Int, in folder: TemporaryFolder, side: Int = 40) throws -> String {
  let path = folder.file("photos")
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  for number in 0..<count {
    try PNGFile.write(
      photo(number, width: side + number, height: side), to: "\(path)/photo-\(number).png")
  }
  return path
}

/// A picture with texture everywhere.
func photo(_ number: Int, width: Int, height: Int) -> Image {
  var random = RandomStream(seed: 77, index: UInt64(number))
  let pixels = (0..<width * height * 3).map { i in
    Float(random.integer(below: 128) + (i / 3 % width) % 128) / 255
  }
  return Image(width: width, height: height, pixels: pixels)
}

/// The files of a folder with their content.
func content(_ folder: String) throws -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
    files[name] = try readFile(folder + "/" + name)
  }
  return files
}
