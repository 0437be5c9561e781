/// The part of a picture that the blurred light of some pixels reaches, in strips of columns.
struct SheetReach {
  /// Pixels in a strip.
  private static let strip = 16

  private let width: Int
  private let height: Int
  private let strips: Int
  /// Whether a row of a strip holds a pixel.
  private var holds: [Bool]

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    strips = (width + SheetReach.strip - 1) / SheetReach.strip
    holds = Array(repeating: false, count: strips * height)
  }

  /// Adds neighbouring pixels of a row.
  mutating func mark(_ run: SheetRun) {
    let size = SheetReach.strip
    for strip in run.columns.lowerBound / size...(run.columns.upperBound - 1) / size {
      holds[strip * height + run.y] = true
    }
  }

  /// The rectangles in which some pixel is at most `radius` rows and columns away.
  ///
  /// Rows between two of them are taken along where that costs less than beginning anew.
  func parts(radius r: Int) -> [(columns: Range<Int>, rows: Range<Int>)] {
    let size = SheetReach.strip
    return (0..<strips).flatMap { strip in
      let left = max(strip * size - r, 0) / size
      let right = min(((strip + 1) * size - 1 + r) / size, strips - 1)
      let columns = strip * size..<min((strip + 1) * size, width)
      return rows(of: left...right, radius: r).map { (columns, $0) }
    }
  }

  private func rows(of strips: ClosedRange<Int>, radius r: Int) -> [Range<Int>] {
    var found: [Range<Int>] = []
    for y in 0..<height where strips.contains(where: { holds[$0 * height + y] }) {
      let near = max(y - r, 0)..<min(y + r + 1, height)
      if let last = found.last, near.lowerBound <= last.upperBound + 2 * r {
        found[found.count - 1] = last.lowerBound..<near.upperBound
      } else {
        found.append(near)
      }
    }
    return found
  }
}
