import Basics

extension Image {
  /// Returns the rectangle whose top left corner is (`x`, `y`).
  ///
  /// - Precondition: The rectangle lies inside the picture.
  public func cropped(x: Int, y: Int, width w: Int, height h: Int) -> Image {
    require(
      x >= 0 && y >= 0 && w >= 0 && h >= 0 && x + w <= width && y + h <= height,
      "cropped: \(w)x\(h) at (\(x), \(y)) leaves a picture of \(width)x\(height)")
    var values: [Float] = []
    values.reserveCapacity(w * h * channels)
    for row in y..<y + h {
      let start = (row * width + x) * channels
      values += pixels[start..<start + w * channels]
    }
    return Image(width: w, height: h, channels: channels, space: space, pixels: values)
  }

  /// Returns the mirror image, left and right exchanged.
  public func flippedHorizontally() -> Image {
    rearranged(width, height) { x, y in (width - 1 - x, y) }
  }

  /// Returns the picture turned clockwise by quarter turns; negative numbers turn back.
  public func turned(quarterTurns: Int) -> Image {
    switch quarterTurns & 3 {
    case 1: rearranged(height, width) { x, y in (y, height - 1 - x) }
    case 2: rearranged(width, height) { x, y in (width - 1 - x, height - 1 - y) }
    case 3: rearranged(height, width) { x, y in (width - 1 - y, x) }
    default: self
    }
  }

  /// Returns a gray picture as three equal channels, and an RGB picture as it is.
  public func replicatedToRGB() -> Image {
    guard channels == 1 else { return self }
    return Image(
      width: width, height: height, space: space, pixels: pixels.flatMap { [$0, $0, $0] })
  }

  /// Returns the picture made larger at its right and bottom by reflection, the edge not repeated.
  ///
  /// A side of one pixel is repeated, and a margin wider than the picture goes on bouncing.
  public func reflectPadded(right: Int, bottom: Int) -> Image {
    require(right >= 0 && bottom >= 0, "reflectPadded: negative margin \(right), \(bottom)")
    return rearranged(width + right, height + bottom) { x, y in
      (Image.reflected(x, width), Image.reflected(y, height))
    }
  }

  /// Returns the place in 0..<`count` that a place beyond either end reflects to (reflect-101).
  public static func reflected(_ i: Int, _ count: Int) -> Int {
    guard count > 1 else { return 0 }
    let period = 2 * (count - 1)
    let r = ((i % period) + period) % period
    return r < count ? r : period - r
  }

  /// A picture of another shape whose pixel (x, y) is this picture's pixel at `source(x, y)`.
  private func rearranged(_ w: Int, _ h: Int, _ source: (Int, Int) -> (Int, Int)) -> Image {
    var result = Image(width: w, height: h, channels: channels, space: space)
    result.pixels.withUnsafeMutableBufferPointer { values in
      pixels.withUnsafeBufferPointer { old in
        var i = 0
        for y in 0..<h {
          for x in 0..<w {
            let (sx, sy) = source(x, y)
            let from = (sy * width + sx) * channels
            for c in 0..<channels { values[i + c] = old[from + c] }
            i += channels
          }
        }
      }
    }
    return result
  }
}
