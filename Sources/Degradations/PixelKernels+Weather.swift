import CPixels

extension PixelKernels {
  /// Multiplies `keep` by what layers let through, and finds the share of their own light.
  ///
  /// - Parameters:
  ///   - layers: What each pixel of each layer lets through, the nearest layer first.
  ///   - clear: What the veil before each layer lets through.
  /// - Returns: For each pixel the share of the particles' light.
  static func stack(_ keep: inout [Float], layers: [Float], clear: [Float]) -> [Float] {
    made(keep.count) { glow, count in
      used.stack_layers(&keep, glow, layers, clear, clear.count, count)
    }
  }

  /// Mixes RGB pixels with two colours: x keep + light glow + air (1 - keep - glow).
  static func mix(
    _ x: inout [Float], keep: [Float], glow: [Float], light: [Float], air: [Float]
  ) {
    x.withUnsafeMutableBufferPointer {
      used.mix_lights($0.baseAddress, keep, glow, keep.count, light, air)
    }
  }

  /// Adds a map in one colour to RGB pixels.
  static func add(_ x: inout [Float], map: [Float], colour: [Float]) {
    x.withUnsafeMutableBufferPointer { used.add_map($0.baseAddress, map, map.count, colour) }
  }
}
