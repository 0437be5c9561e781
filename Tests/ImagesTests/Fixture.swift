import Basics
import Foundation
import Images

/// The files of the folder Fixtures; its README says what they show.
enum Fixture {
  static let width = 19
  static let height = 21

  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] { try readFile(path(name)) }

  /// Every picture file in the folder.
  static let names: [String] = ((try? PictureFile.list(path(""))) ?? [])

  /// A picture whose codes are given for each place, out of `white`.
  static func picture(channels: Int, white: Int, _ codes: (Int, Int) -> [Int]) -> Image {
    var pixels: [Float] = []
    for y in 0..<height {
      for x in 0..<width { pixels += codes(x, y).map { Float($0) / Float(white) } }
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }

  static let colour = picture(channels: 3, white: 255) { x, y in [12 * x, 11 * y, 6 * (x + y)] }
  static let gray = picture(channels: 1, white: 255) { x, y in [5 * x + 6 * y] }
  static let gray16 = picture(channels: 1, white: 65535) { x, y in [257 * (5 * x + 6 * y) + x] }
  static let colour16 = picture(channels: 3, white: 65535) { x, y in
    [257 * 12 * x + y, 257 * 11 * y + x, 257 * 6 * (x + y) + 1]
  }
  static let palette = picture(channels: 3, white: 255) { x, _ in
    [12 * (x % 16), 11 * (x % 16), 6 * (x % 16)]
  }
  static let oneBit = picture(channels: 1, white: 1) { x, _ in [x % 2] }
}
