import Basics
import CPixels
import Images

/// The C kernels of the instruction set in use, on Swift arrays.
enum PixelKernels {
  static let used = dp_kernels_used().pointee

  /// Makes an array that a kernel fills.
  static func made<Value>(
    _ count: Int, _ fill: (_ values: UnsafeMutablePointer<Value>?, _ count: Int) -> Void
  ) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { buffer, filled in
      fill(buffer.baseAddress, count)
      filled = count
    }
  }

  /// Means over boxes, mirrored at the border (edges are not repeated).
  static func boxMean(_ map: [Float], width: Int, height: Int, before: Int, after: Int) -> [Float] {
    var scratch: [Float] = made(dp_box_scratch(width, before, after)) { _, _ in }
    return made(map.count) { mean, _ in
      used.box_mean(mean, map, width, height, before, after, &scratch)
    }
  }

  /// Adds to every value normal noise of variance shot * max(x, 0) + read.
  ///
  /// - Parameter block: The block of the stream to begin with; 64 values take 16 blocks.
  static func addNoise(
    _ x: inout [Float], shot: Double, read: Double, random: RandomStream, block: UInt32 = 0
  ) {
    let place = dp_stream(
      seed: random.seed, index: random.index, stream: random.stream, block: block)
    x.withUnsafeMutableBufferPointer {
      used.add_noise($0.baseAddress, $0.count, Float(shot), Float(read), place)
    }
  }

  /// Clamps to 0...1 and rounds to steps of 1 / `steps`, half to even.
  static func quantise(_ x: inout [Float], steps: Float) {
    x.withUnsafeMutableBufferPointer { used.quantise($0.baseAddress, $0.count, steps) }
  }

  /// Clamps to 0...1.
  static func clamp(_ x: inout [Float]) {
    x.withUnsafeMutableBufferPointer { used.clamp($0.baseAddress, $0.count) }
  }

  /// Clamps to a range.
  static func limit(_ x: inout [Float], to range: ClosedRange<Float>) {
    let (low, high) = (range.lowerBound, range.upperBound)
    x.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] = min(max($0[i], low), high) } }
  }

  /// Returns exp(-rate x).
  static func decay(_ x: [Float], rate: Double) -> [Float] {
    made(x.count) { used.decay($0, x, $1, Float(rate)) }
  }

  /// Mixes RGB pixels with one colour: x t + colour (1 - t).
  static func blend(_ x: inout [Float], keeping t: [Float], colour: [Float]) {
    x.withUnsafeMutableBufferPointer { used.blend($0.baseAddress, t, t.count, colour) }
  }

  /// Multiplies RGB pixels by a map and a gain for each channel.
  static func illuminate(_ x: inout [Float], map: [Float], gain: [Float]) {
    x.withUnsafeMutableBufferPointer { used.illuminate($0.baseAddress, map, map.count, gain) }
  }

  /// Replaces x by scale (gain x)^power.
  static func curve(_ x: inout [Float], gain: Double, power: Double, scale: Double) {
    x.withUnsafeMutableBufferPointer {
      used.curve($0.baseAddress, $0.count, Float(gain), Float(power), Float(scale))
    }
  }

  /// Applies the sRGB curve or its inverse.
  static func convert(_ x: inout [Float], to space: Image.Space) {
    x.withUnsafeMutableBufferPointer {
      if space == .linear {
        used.srgb_to_linear($0.baseAddress, $0.count)
      } else {
        used.linear_to_srgb($0.baseAddress, $0.count)
      }
    }
  }

  /// Sums weighted neighbours into one row: y[i] = sum of weights[k] x[start + i + offsets[k]].
  static func gather(
    _ y: UnsafeMutablePointer<Float>, count: Int, from x: UnsafePointer<Float>, offsets: [Int32],
    weights: [Float]
  ) {
    used.gather(y, x, count, offsets, weights, offsets.count)
  }
}

extension Image {
  /// Brings the picture into a space; values below 0 stay on the curve's straight part.
  mutating func convert(to wanted: Space) {
    if space == wanted { return }
    PixelKernels.convert(&pixels, to: wanted)
    space = wanted
  }
}

extension Image {
  /// The picture on sRGB codes rounded to 8 bits, as a file would hold it.
  package func asFileContent() -> Image {
    var image = self
    image.convert(to: .srgb)
    PixelKernels.quantise(&image.pixels, steps: 255)
    return image
  }
}
