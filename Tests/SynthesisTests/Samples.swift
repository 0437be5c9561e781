import Basics
import Foundation
import Images
import Records
import TestSupport

@testable import Synthesis

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

/// Makes of a finished set what a killed run leaves: its shards, notes about them, and no manifest.
func unseal(_ folder: String, _ plan: SetPlan) throws {
  let manifest = try Manifest(reading: folder + "/manifest.json")
  let draft = try Draft(folder, plan: plan, shards: ShardList(all: plan.shards))
  try manifest.shards.forEach { try draft.note($0) }
  for name in ["manifest.json", "SHA256SUMS"] { unlink(folder + "/" + name) }
}
