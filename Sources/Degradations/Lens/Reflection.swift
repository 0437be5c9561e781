/// Folds an index into 0..<`count` by mirrors at both ends; a single place repeats itself.
func reflected(_ i: Int, in count: Int) -> Int {
  if count == 1 { return 0 }
  let period = 2 * count - 2
  let folded = ((i % period) + period) % period
  return folded < count ? folded : period - folded
}

/// Mirrors a row into the `radius` pixels before and after it; the edge pixel is not repeated.
///
/// - Parameter row: The first of `width` pixels, with room on both sides.
func mirrorEnds(_ row: UnsafeMutablePointer<Float>, width: Int, channels: Int, radius: Int) {
  for x in 1..<max(radius + 1, 1) {
    let (left, right) = (reflected(-x, in: width), reflected(width - 1 + x, in: width))
    for c in 0..<channels {
      row[-x * channels + c] = row[left * channels + c]
      row[(width - 1 + x) * channels + c] = row[right * channels + c]
    }
  }
}
