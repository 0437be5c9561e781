import Basics
import CPixels

extension PixelKernels {
  /// Replaces each value by a number of photo-electrons over `electrons`, at most 1.
  ///
  /// Uses the stream of `random` and the next.
  static func countElectrons(_ x: inout [Float], electrons: Double, random: RandomStream) {
    let place = dp_stream(random)
    x.withUnsafeMutableBufferPointer {
      used.count_electrons($0.baseAddress, $0.count, Float(electrons), place)
    }
  }

  /// Replaces places by chance; a place is a pixel of three values, or one value.
  ///
  /// - Parameters:
  ///   - p: The probability that a place is replaced.
  ///   - white: The share of white among the replaced; the others become black.
  static func strike(
    _ x: inout [Float], chance p: Double, white: Double, eachValue: Bool, random: RandomStream
  ) {
    if p < 1e-12 { return }
    let gap = p < 1 ? -0.6931471805599453 / ExactMath.log(1 - p) : 0
    let threshold = UInt32(clamping: Int(white * 0x1p32))
    let step = eachValue ? 1 : 3
    let place = dp_stream(random)
    x.withUnsafeMutableBufferPointer {
      used.impulse($0.baseAddress, $0.count / step, step, Float(gap), threshold, place)
    }
  }

  /// Gives the masked RGB pixels one colour; the others keep their bits.
  static func paint(_ x: inout [Float], mask: [UInt8], colour: [Float]) {
    x.withUnsafeMutableBufferPointer { used.paint($0.baseAddress, mask, mask.count, colour) }
  }

  /// Gives the masked RGB pixels random 8-bit codes; the others keep their bits.
  static func paintNoise(_ x: inout [Float], mask: [UInt8], random: RandomStream) {
    let place = dp_stream(random)
    x.withUnsafeMutableBufferPointer { used.paint_noise($0.baseAddress, mask, mask.count, place) }
  }
}

extension dp_stream {
  /// The first number of a stream.
  init(_ random: RandomStream) {
    self.init(seed: random.seed, index: random.index, stream: random.stream, block: 0)
  }
}
