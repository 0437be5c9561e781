/// Makes a map follow the edges of a picture (He, Sun and Tang 2010), on a small raster.
///
/// In every window the map is fitted by a line a g + b of the guide g; `slope` and `offset` are the
/// means of a and b over the windows that hold a place.
struct GuidedFilter {
  let slope: [Float]
  let offset: [Float]

  init(
    map: [Float], guide: [Float], width: Int, height: Int, radius: Int, epsilon: Float
  ) {
    func mean(_ x: [Float]) -> [Float] { boxMean(x, width: width, height: height, radius: radius) }
    let meanMap = mean(map)
    let meanGuide = mean(guide)
    let meanSquare = mean(zip(guide, guide).map { $0 * $1 })
    let meanProduct = mean(zip(guide, map).map { $0 * $1 })
    var a = [Float](repeating: 0, count: map.count)
    var b = a
    for i in 0..<map.count {
      let variance = meanSquare[i] - meanGuide[i] * meanGuide[i]
      a[i] = (meanProduct[i] - meanGuide[i] * meanMap[i]) / (variance + epsilon)
      b[i] = meanMap[i] - a[i] * meanGuide[i]
    }
    slope = mean(a)
    offset = mean(b)
  }
}

/// Returns the mean over the part of each (2 radius + 1)-square window that lies in the raster.
func boxMean(_ x: [Float], width: Int, height: Int, radius: Int) -> [Float] {
  var rows = [Float](repeating: 0, count: x.count)
  for y in 0..<height {
    slideMean(count: width, radius: radius) {
      x[y * width + $0]
    } write: {
      rows[y * width + $0] = $1
    }
  }
  var out = rows
  for c in 0..<width {
    slideMean(count: height, radius: radius) {
      rows[$0 * width + c]
    } write: {
      out[$0 * width + c] = $1
    }
  }
  return out
}

@inline(__always)
private func slideMean(
  count: Int, radius: Int, read: (Int) -> Float, write: (Int, Float) -> Void
) {
  var sum = 0.0
  var (first, last) = (0, 0)
  for i in 0..<count {
    while last < min(i + radius + 1, count) {
      sum += Double(read(last))
      last += 1
    }
    while first < i - radius {
      sum -= Double(read(first))
      first += 1
    }
    write(i, Float(sum / Double(last - first)))
  }
}
