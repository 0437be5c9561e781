import Images

/// A picture with a border that mirrors it (cba|abcd would be "bcb|abcd": the edge is not repeated).
struct ReflectedBorder {
  /// Values in a row.
  let rowLength: Int
  let values: [Float]

  /// Copies a picture into a frame.
  ///
  /// - Parameter slack: Values that may be read beyond the last.
  init(_ image: Image, by r: Int, slack: Int = 0) {
    self = image.pixels.withUnsafeBufferPointer {
      ReflectedBorder(
        $0, width: image.width, height: image.height, channels: image.channels, by: r, slack: slack)
    }
  }

  init(
    _ pixels: UnsafeBufferPointer<Float>, width w: Int, height h: Int, channels c: Int, by r: Int,
    slack: Int
  ) {
    let length = (w + 2 * r) * c
    rowLength = length
    values = [Float](unsafeUninitializedCapacity: length * (h + 2 * r) + slack) { out, count in
      count = length * (h + 2 * r) + slack
      guard let pixels = pixels.baseAddress, let out = out.baseAddress else { return }
      for row in 0..<h {
        let place = out + (row + r) * length + r * c
        place.update(from: pixels + row * w * c, count: w * c)
        mirrorEnds(place, width: w, channels: c, radius: r)
      }
      for row in 0..<h + 2 * r where row < r || row >= h + r {
        let twin = Image.reflected(row - r, h) + r
        (out + row * length).update(from: out + twin * length, count: length)
      }
      (out + count - slack).update(repeating: 0, count: slack)
    }
  }
}
