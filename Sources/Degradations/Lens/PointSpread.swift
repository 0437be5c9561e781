import Basics
import Images

/// A blur kernel as the few places that are not 0: where a point's light goes.
package struct PointSpread {
  /// Offsets to the right, of each tap.
  package let dx: [Int]
  /// Offsets downwards.
  package let dy: [Int]
  /// Shares of the light; their sum is 1.
  package let weights: [Float]

  /// The largest offset in any direction.
  package var radius: Int { zip(dx, dy).reduce(0) { max($0, abs($1.0), abs($1.1)) } }

  /// Spreads equal shares of light over the points of a path, each over its four neighbours.
  ///
  /// - Parameter centred: Moves the path's centroid to the origin, so that the picture stays where it
  ///   is; without it a network learns a shift.
  package init(path: [SIMD2<Double>], centred: Bool = true) {
    let sum = path.reduce(SIMD2(0, 0), +)
    let middle = centred ? sum / Double(path.count) : SIMD2(0, 0)
    let points = path.map { $0 - middle }
    let reach = points.reduce(0) { max($0, abs($1.x), abs($1.y)) }
    let radius = Int(reach) + 1
    let side = 2 * radius + 1
    var grid = [Double](repeating: 0, count: side * side)
    for point in points {
      let place = point + Double(radius)
      let (x, y) = (min(Int(place.x), side - 2), min(Int(place.y), side - 2))
      let (u, v) = (place.x - Double(x), place.y - Double(y))
      grid[y * side + x] += (1 - u) * (1 - v)
      grid[y * side + x + 1] += u * (1 - v)
      grid[(y + 1) * side + x] += (1 - u) * v
      grid[(y + 1) * side + x + 1] += u * v
    }
    let taps = grid.indices.filter { grid[$0] > 0 }
    dx = taps.map { $0 % side - radius }
    dy = taps.map { $0 / side - radius }
    weights = taps.map { Float(grid[$0] / Double(path.count)) }
  }

  /// Blurs a picture: a true convolution, reflected at the border without repeating the edge.
  ///
  /// In strips narrow enough that all rows a strip gathers from stay in the first cache.
  package func blur(_ image: inout Image) {
    let r = radius
    if r == 0 { return }
    let c = image.channels
    let padded = ReflectedBorder(image, by: r)
    // Light from a point goes to the tap, so a pixel gathers from the opposite side.
    let offsets = zip(dx, dy).map { Int32((r - $1) * padded.rowLength + (r - $0) * c) }
    let n = image.width * c
    image.pixels.withUnsafeMutableBufferPointer { out in
      padded.values.withUnsafeBufferPointer { values in
        guard let out = out.baseAddress, let values = values.baseAddress else { return }
        for start in stride(from: 0, to: n, by: PointSpread.strip) {
          for y in 0..<image.height {
            PixelKernels.gather(
              out + y * n + start, count: min(PointSpread.strip, n - start),
              from: values + y * padded.rowLength + start, offsets: offsets, weights: weights)
          }
        }
      }
    }
  }

  /// Values of a row that are gathered before the next row is.
  private static let strip = 128
}
