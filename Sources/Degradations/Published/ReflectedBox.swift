import Images

/// Returns the mean over the window from `before` places before each place to `after` places after
/// it, in both directions, with the map mirrored at its border (edges are not repeated).
///
/// Running sums: four operations a value whatever the window; 64-bit, so that they do not drift.
/// Small windows are summed anew, which needs no waiting for the sum before. 2 to 4 ns a value.
func reflectedBoxMean(
  _ map: [Double], width: Int, height: Int, before: Int, after: Int
) -> [Double] {
  let (columns, rows) = (mirror(width, before, after), mirror(height, before, after))
  let reach = before + after
  let scale = 1 / Double((reach + 1) * (reach + 1))
  var sums = [Double](repeating: 0, count: width)
  var line = [Double](repeating: 0, count: width + reach)
  return [Double](unsafeUninitializedCapacity: map.count) { out, count in
    map.withUnsafeBufferPointer { map in
      sums.withUnsafeMutableBufferPointer { sums in
        line.withUnsafeMutableBufferPointer { line in
          for k in 0..<reach {
            for x in 0..<width { sums[x] += map[rows[k] * width + x] }
          }
          for y in 0..<height {
            let (first, next) = (rows[y] * width, rows[y + reach] * width)
            for x in 0..<width {
              let sum = sums[x] + map[next + x]
              line[before + x] = sum * scale
              sums[x] = sum - map[first + x]
            }
            for x in 0..<before { line[x] = line[before + columns[x]] }
            for x in before + width..<width + reach { line[x] = line[before + columns[x]] }
            windowSums(
              UnsafeMutableBufferPointer(rebasing: out[y * width..<(y + 1) * width]), line, reach)
          }
        }
      }
    }
    count = map.count
  }
}

/// Sums `reach` + 1 neighbours of a line from each place on.
private func windowSums(
  _ out: UnsafeMutableBufferPointer<Double>, _ line: UnsafeMutableBufferPointer<Double>,
  _ reach: Int
) {
  if reach <= 4 {
    for x in 0..<out.count { out[x] = line[x] }
    for k in 1...reach {
      for x in 0..<out.count { out[x] += line[x + k] }
    }
    return
  }
  var sum = 0.0
  for k in 0..<reach { sum += line[k] }
  for x in 0..<out.count {
    sum += line[x + reach]
    out[x] = sum
    sum -= line[x]
  }
}

/// Returns the places inside a side that stand for -`before` ..< count + `after`.
private func mirror(_ count: Int, _ before: Int, _ after: Int) -> [Int] {
  (-before..<count + after).map { Image.reflected($0, count) }
}
