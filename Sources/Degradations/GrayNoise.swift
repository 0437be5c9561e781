import Basics
import Images

extension Image {
  /// Adds a map to each channel of an RGB picture.
  mutating func addToChannels(_ map: [Float]) {
    pixels.withUnsafeMutableBufferPointer { p in
      for (i, value) in map.enumerated() {
        for c in 3 * i..<3 * i + 3 { p[c] += value }
      }
    }
  }
}

extension ParameterReader {
  /// Whether a noise is gray; labels say so only when it is.
  func isGray() throws(Problem) -> Bool { json["gray"] == nil ? false : try truth("gray") }
}

extension JSON {
  /// The member of a label that says that a noise is gray.
  static func gray(_ isGray: Bool) -> [JSON.Member] { isGray ? [.init("gray", true)] : [] }
}
