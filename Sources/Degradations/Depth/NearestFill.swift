import Images

/// Gives unknown places of a map the nearest known value.
///
/// Breadth first from all known places at once, in the order of rows: nearness is counted in steps
/// to the four neighbours, and among equals the first in that order wins, always the same.
enum NearestFill {
  /// Replaces the NaN of a one-channel map; one with nothing known is left as it is.
  static func fill(_ map: inout Image) {
    let (width, height) = (map.width, map.height)
    var queue: [Int] = []
    map.pixels.withUnsafeMutableBufferPointer { values in
      func reach(_ j: Int, _ value: Float) {
        guard values[j].isNaN else { return }
        values[j] = value
        queue.append(j)
      }
      func spread(from i: Int) {
        let (x, value) = (i % width, values[i])
        if i >= width { reach(i - width, value) }
        if x > 0 { reach(i - 1, value) }
        if x + 1 < width { reach(i + 1, value) }
        if i + width < width * height { reach(i + width, value) }
      }
      // Known places spread first; those that they reach are told apart by the queue.
      let known = values.indices.filter { !values[$0].isNaN }
      for i in known { spread(from: i) }
      var next = 0
      while next < queue.count {
        spread(from: queue[next])
        next += 1
      }
    }
  }
}
