/// The part of a picture that the blurred light of a sheet's pixels reaches, in strips of columns.
struct SheetReach {
  /// Pixels in a strip.
  private static let strip = 16

  private let width: Int
  private let height: Int
  private let strips: Int
  /// Whether a row of a strip holds a pixel: strip by strip, row after row.
  private let held: ArraySlice<UInt8>

  /// Takes the marks of a sheet, as `SheetMarks` has them.
  init(_ held: ArraySlice<UInt8>, width: Int, height: Int) {
    (self.width, self.height, self.held) = (width, height, held)
    strips = held.count / height
  }

  /// The rows that hold a pixel.
  var rows: [Int] {
    let held = holds(0...strips - 1)
    return (0..<height).filter { held[$0] != 0 }
  }

  /// A rectangle.
  typealias Part = (columns: Range<Int>, rows: Range<Int>)

  /// The rectangles in which some pixel is at most `radius` rows and columns away.
  ///
  /// Rows between two of them are taken along where that costs less than beginning anew.
  func parts(radius r: Int) -> [Part] {
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
    let held = holds(strips)
    for y in 0..<height where held[y] != 0 {
      let near = max(y - r, 0)..<min(y + r + 1, height)
      if let last = found.last, near.lowerBound <= last.upperBound + 2 * r {
        found[found.count - 1] = last.lowerBound..<near.upperBound
      } else {
        found.append(near)
      }
    }
    return found
  }

  /// For each row, whether one of the strips holds something.
  private func holds(_ strips: ClosedRange<Int>) -> [UInt8] {
    var rows = [UInt8](repeating: 0, count: height)
    rows.withUnsafeMutableBufferPointer { rows in
      held.withUnsafeBufferPointer { held in
        for strip in strips {
          for y in 0..<height { rows[y] |= held[strip * height + y] }
        }
      }
    }
    return rows
  }
}
