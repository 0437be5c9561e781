/// Which places of a raster are still free, 64 to a word.
package struct CoverageMask {
  let width: Int
  private let wordsInRow: Int
  private var free: [UInt64]
  /// How many places are free.
  package private(set) var left: Int

  package init(width: Int, height: Int) {
    self.width = width
    wordsInRow = (width + 63) / 64
    var row = [UInt64](repeating: ~0, count: wordsInRow)
    if width % 64 != 0 { row[wordsInRow - 1] = (1 << UInt64(width % 64)) - 1 }
    free = []
    for _ in 0..<height { free += row }
    left = width * height
  }

  /// Takes the free places of `span` in row `y`, calling `body` with each.
  package mutating func take(_ span: Range<Int>, row y: Int, _ body: (Int) -> Void) {
    let first = max(span.lowerBound, 0)
    let last = min(span.upperBound, width) - 1
    if first > last { return }
    for word in first / 64...last / 64 {
      let start = word * 64
      var bits = free[y * wordsInRow + word]
      if bits == 0 { continue }
      if first > start { bits &= ~0 << UInt64(first - start) }
      if last < start + 63 { bits &= ~(~0 << UInt64(last - start + 1)) }
      free[y * wordsInRow + word] &= ~bits
      left -= bits.nonzeroBitCount
      while bits != 0 {
        body(start + bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
  }

  /// Takes all places that are left, calling `body` with each place's column and row.
  package mutating func takeRest(_ body: (Int, Int) -> Void) {
    if left == 0 { return }
    for y in 0..<free.count / wordsInRow { take(0..<width, row: y) { body($0, y) } }
  }
}
