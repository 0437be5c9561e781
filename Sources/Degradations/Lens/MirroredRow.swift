import Images

/// Mirrors a row into the `radius` pixels before and after it; the edge pixel is not repeated.
///
/// - Parameter row: The first of `width` pixels, with room on both sides.
func mirrorEnds(_ row: UnsafeMutablePointer<Float>, width: Int, channels: Int, radius: Int) {
  if radius < width, radius > 0 {
    // The usual case, without a division a pixel.
    for x in 1...radius {
      for c in 0..<channels {
        row[-x * channels + c] = row[x * channels + c]
        row[(width - 1 + x) * channels + c] = row[(width - 1 - x) * channels + c]
      }
    }
    return
  }
  for x in 1..<max(radius + 1, 1) {
    let (left, right) = (Image.reflected(-x, width), Image.reflected(width - 1 + x, width))
    for c in 0..<channels {
      row[-x * channels + c] = row[left * channels + c]
      row[(width - 1 + x) * channels + c] = row[right * channels + c]
    }
  }
}
