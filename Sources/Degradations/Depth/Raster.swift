import CPixels
import Images

/// One value for each pixel.
struct Raster {
  let width: Int
  let height: Int
  var values: [Float]

  init(width: Int, height: Int, values: [Float]) {
    (self.width, self.height, self.values) = (width, height, values)
  }

  /// The largest channel of a picture: blue skies are bright by it.
  init(brightestOf image: Image) { self.init(image, PixelKernels.used.brightest_of) }

  /// The luma of a picture, on the codes it has (weights of BT.601).
  init(lumaOf image: Image) { self.init(image, PixelKernels.used.luma_of) }

  private init(
    _ image: Image, _ kernel: (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
  ) {
    guard image.channels == 3 else {
      self.init(width: image.width, height: image.height, values: image.pixels)
      return
    }
    let values = PixelKernels.made(image.width * image.height) { kernel($0, image.pixels, $1) }
    self.init(width: image.width, height: image.height, values: values)
  }

  /// The means of k x k blocks; what is left over at the right and below joins the last blocks' mean.
  func reduced(by k: Int) -> Raster {
    let (w, h) = ((width + k - 1) / k, (height + k - 1) / k)
    var out = [Float](repeating: 0, count: w * h)
    for y in 0..<h {
      for x in 0..<w {
        var (sum, count): (Float, Float) = (0, 0)
        for v in y * k..<min(y * k + k, height) {
          for u in x * k..<min(x * k + k, width) {
            sum += values[v * width + u]
            count += 1
          }
        }
        out[y * w + x] = sum / count
      }
    }
    return Raster(width: w, height: h, values: out)
  }

  /// The standard deviation in the window round each place.
  func localContrast(radius: Int) -> Raster {
    let mean = boxMean(values, width: width, height: height, radius: radius)
    let square = boxMean(values.map { $0 * $0 }, width: width, height: height, radius: radius)
    let deviation = zip(square, mean).map { max($0 - $1 * $1, 0).squareRoot() }
    return Raster(width: width, height: height, values: deviation)
  }

  /// The places that look like sky: bright, smooth, and joined to the upper edge.
  func sky(texture: Raster) -> [Int] {
    func looksLikeSky(_ i: Int) -> Bool { values[i] > 0.6 && texture.values[i] < 0.04 }
    var found = [Bool](repeating: false, count: values.count)
    var queue = (0..<width).filter(looksLikeSky)
    for i in queue { found[i] = true }
    var next = 0
    while next < queue.count {
      let i = queue[next]
      next += 1
      for j in neighbours(i) where !found[j] && looksLikeSky(j) {
        found[j] = true
        queue.append(j)
      }
    }
    // The contrast of an edge reaches one window beyond it: take back what is bright enough there.
    for _ in 0..<2 {
      for i in queue {
        for j in neighbours(i) where !found[j] && values[j] > 0.6 {
          found[j] = true
          queue.append(j)
        }
      }
    }
    return queue
  }

  private func neighbours(_ i: Int) -> [Int] {
    let x = i % width
    return [i - width, i + width, x > 0 ? i - 1 : -1, x + 1 < width ? i + 1 : -1]
      .filter { $0 >= 0 && $0 < values.count }
  }

  /// Returns slope x + offset, both enlarged bilinearly to this raster's size, in 0...1.
  func fitted(slope: Raster, offset: Raster) -> [Float] {
    let columns = (0..<width).map { Place($0, of: width, among: slope.width) }
    let lines = zip(slope.values, offset.values).map { SIMD2($0, $1) }
    return PixelKernels.made(values.count) { out, _ in
      guard let out else { return }
      columns.withUnsafeBufferPointer { columns in
        lines.withUnsafeBufferPointer { lines in
          values.withUnsafeBufferPointer { values in
            for y in 0..<height {
              let row = Place(y, of: height, among: slope.height)
              for x in 0..<width {
                let line = Raster.between(lines, slope.width, row, columns[x])
                out[y * width + x] = min(max(line.x * values[y * width + x] + line.y, 0), 1)
              }
            }
          }
        }
      }
    }
  }

  /// A slope and an offset between four places of a small raster.
  @inline(__always)
  private static func between(
    _ lines: UnsafeBufferPointer<SIMD2<Float>>, _ width: Int, _ row: Place, _ column: Place
  ) -> SIMD2<Float> {
    let (top, bottom) = (row.first * width, row.second * width)
    let upper = lines[top + column.first] * (1 - column.t) + lines[top + column.second] * column.t
    let lower =
      lines[bottom + column.first] * (1 - column.t) + lines[bottom + column.second] * column.t
    return upper * (1 - row.t) + lower * row.t
  }

  /// Where a pixel of a large raster lies between two places of a small one.
  private struct Place {
    let first: Int
    let second: Int
    let t: Float

    init(_ i: Int, of large: Int, among small: Int) {
      let place = min(
        max((Double(i) + 0.5) * Double(small) / Double(large) - 0.5, 0), Double(small - 1))
      first = Int(place)
      second = min(first + 1, small - 1)
      t = Float(place - Double(first))
    }
  }
}
