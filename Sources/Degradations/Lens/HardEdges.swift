import CPixels

/// Makes steps of the soft edges of a map: a place of a steep slope takes the value of the nearer end.
///
/// Maps that were filtered or made by a network pass from near to far within a few pixels. The places
/// between have the depth of nothing that is there, and some of them would be in focus: sharp lines
/// in the middle of blur.
///
/// - Parameter steepest: The greatest slope, per pixel, that stays.
func withHardEdges(_ map: [Float], width: Int, height: Int, steepest: Float) -> [Float] {
  // Each pass takes three pixels from either end of a slope.
  (0..<2).reduce(map) { map, _ in
    let (low, high) = windowExtremes(map, width: width, height: height, reach: windowReach)
    let most = steepest * Float(2 * windowReach)
    return PixelKernels.made(map.count) { PixelKernels.used.harden($0, map, low, high, $1, most) }
  }
}

private let windowReach = 3

/// The least and the greatest value round each place, up to `reach` away; the border repeats itself.
func windowExtremes(_ map: [Float], width: Int, height: Int, reach r: Int) -> (
  low: [Float], high: [Float]
) {
  var padded = [Float](repeating: 0, count: width + 2 * r)
  var low = [Float](repeating: 0, count: width * (height + 2 * r))
  var high = low
  for row in 0..<height + 2 * r {
    let y = min(max(row - r, 0), height - 1)
    padded.replaceSubrange(r..<r + width, with: map[y * width..<(y + 1) * width])
    for x in 0..<r { (padded[x], padded[r + width + x]) = (padded[r], padded[r + width - 1]) }
    low.withUnsafeMutableBufferPointer { low in
      high.withUnsafeMutableBufferPointer { high in
        padded.withUnsafeBufferPointer { padded in
          guard let low = low.baseAddress, let high = high.baseAddress,
            let padded = padded.baseAddress
          else { return }
          PixelKernels.extremes(
            low + row * width, high + row * width, of: padded, and: padded, count: width, step: 1,
            places: 2 * r + 1)
        }
      }
    }
  }
  let n = width * height
  var (least, greatest) = ([Float](repeating: 0, count: n), [Float](repeating: 0, count: n))
  PixelKernels.extremes(
    &least, &greatest, of: low, and: high, count: n, step: width, places: 2 * r + 1)
  return (least, greatest)
}
