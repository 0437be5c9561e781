import Basics
import CPixels
import Images

/// Which colour each pixel of a sensor sees: the filters of its first square, row by row.
package enum FilterPattern: String, Sendable, CaseIterable {
  case rggb
  case grbg
  case gbrg
  case bggr

  /// The place of red in each square: column + 2 x row.
  var red: UInt32 {
    switch self {
    case .rggb: 0
    case .grbg: 1
    case .gbrg: 2
    case .bggr: 3
    }
  }

  /// Returns the pattern of a part of the sensor that begins at another pixel.
  func moved(x: Int, y: Int) -> FilterPattern {
    FilterPattern.allCases[Int(red) ^ (x & 1 + 2 * (y & 1))]
  }

  /// Returns the channel that a pixel sees: 0 red, 1 green, 2 blue.
  package func channel(x: Int, y: Int) -> Int {
    switch (x & 1 + 2 * (y & 1)) ^ Int(red) {
    case 0: 0
    case 3: 2
    default: 1
    }
  }
}

/// How the two colours that a pixel did not see are found.
package enum Demosaicing: String, Sendable, CaseIterable {
  /// The mean of the nearest pixels of that colour, 3 x 3.
  case bilinear
  /// Bilinear, corrected by the Laplacian of the colour that was seen, 5 x 5 (Malvar et al. 2004).
  case malvar
  /// Green along the smaller difference, red and blue bilinear: the edge-aware form of OpenCV.
  case edgeAware = "edge-aware"

  fileprivate var kernel: dp_demosaic {
    switch self {
    case .bilinear: DP_BILINEAR
    case .malvar: DP_MALVAR
    case .edgeAware: DP_EDGE_AWARE
    }
  }
}

/// What a sensor behind colour filters holds: one value for each pixel.
///
/// The border is mirrored without repeating the edge, which keeps the filters' places at every side,
/// of odd pictures too. A side of one pixel is doubled, as if the scene went on: what camera noise
/// does to a picture has no least size.
package struct BayerMosaic {
  package let width: Int
  package let height: Int
  package let pattern: FilterPattern
  /// The values, row after row.
  package var values: [Float]

  /// Filters an RGB picture; each value is then multiplied by the gain of its colour.
  package init(of image: Image, pattern: FilterPattern, gains: [Float] = [1, 1, 1]) {
    require(image.channels == 3, "BayerMosaic: \(image.channels) channels, wants 3")
    let image = image.withSidesOfTwo()
    let (width, height) = (image.width, image.height)
    (self.width, self.height, self.pattern) = (width, height, pattern)
    values = [Float](unsafeUninitializedCapacity: width * height) { buffer, count in
      PixelKernels.used.mosaic(
        buffer.baseAddress, image.pixels, width, height, pattern.red, gains)
      count = width * height
    }
  }

  /// Creates a mosaic from its values; no side is shorter than 2.
  init(width: Int, height: Int, pattern: FilterPattern, values: [Float]) {
    require(width > 1 && height > 1, "BayerMosaic: \(width)x\(height), wants 2x2 or more")
    (self.width, self.height) = (width, height)
    (self.pattern, self.values) = (pattern, values)
  }

  /// Returns RGB pixels; each value is first multiplied by the gain of its colour.
  package func demosaiced(_ method: Demosaicing, gains: [Float] = [1, 1, 1]) -> [Float] {
    var scratch = [Float](repeating: 0, count: (height + 4) * dp_demosaic_stride(width))
    return [Float](unsafeUninitializedCapacity: 3 * width * height) { buffer, count in
      PixelKernels.used.demosaic(
        buffer.baseAddress, values, &scratch, width, height, pattern.red, gains, method.kernel)
      count = 3 * width * height
    }
  }

  /// Returns RGB pixels in which only the channel that was seen is not 0.
  package func zeroFilled() -> [Float] {
    var pixels = [Float](repeating: 0, count: 3 * values.count)
    forEachPixel { i, channel in pixels[3 * i + channel] = values[i] }
    return pixels
  }

  /// Subtracts another mosaic of the same size.
  mutating func subtract(_ other: BayerMosaic) {
    values.withUnsafeMutableBufferPointer { values in
      other.values.withUnsafeBufferPointer { other in
        for i in 0..<values.count { values[i] -= other[i] }
      }
    }
  }

  /// Multiplies each value by the gain of its colour.
  mutating func multiply(by gains: [Float]) {
    if gains == [1, 1, 1] { return }
    forEachPixel { i, channel in values[i] *= gains[channel] }
  }

  private func forEachPixel(_ body: (_ i: Int, _ channel: Int) -> Void) {
    for y in 0..<height {
      let channels = [pattern.channel(x: 0, y: y), pattern.channel(x: 1, y: y)]
      for x in 0..<width { body(y * width + x, channels[x & 1]) }
    }
  }
}

extension Image {
  /// The picture with a side of one pixel doubled.
  fileprivate func withSidesOfTwo() -> Image {
    if width > 1 && height > 1 { return self }
    let (w, h) = (max(width, 2), max(height, 2))
    var image = Image(width: w, height: h, channels: channels, space: space)
    for y in 0..<h {
      for x in 0..<w {
        for c in 0..<channels { image[x, y, c] = self[min(x, width - 1), min(y, height - 1), c] }
      }
    }
    return image
  }

  /// Takes, or adds, the values of a picture that is not smaller, from its upper left corner.
  mutating func takePixels(_ other: [Float], rowLength: Int, adding: Bool = false) {
    if !adding && other.count == pixels.count {
      pixels = other
      return
    }
    let n = width * channels
    pixels.withUnsafeMutableBufferPointer { own in
      other.withUnsafeBufferPointer { other in
        for y in 0..<height {
          for i in 0..<n {
            let value = other[y * rowLength + i]
            own[y * n + i] = adding ? own[y * n + i] + value : value
          }
        }
      }
    }
  }
}
