/// A blur kernel on a square grid of odd side; its sum is 1.
package struct SpreadGrid {
  /// The greatest offset in each direction; the side is one more than twice it.
  package let radius: Int
  /// Shares of the light, row by row from the offset -radius; y grows downwards.
  package let weights: [Double]

  /// The number of places in a row.
  package var side: Int { 2 * radius + 1 }

  /// Creates a kernel from shares that need not sum to 1.
  package init(radius: Int, share: (_ dx: Int, _ dy: Int) -> Double) {
    var values: [Double] = []
    values.reserveCapacity((2 * radius + 1) * (2 * radius + 1))
    for y in -radius...radius {
      for x in -radius...radius { values.append(share(x, y)) }
    }
    let sum = values.reduce(0, +)
    (self.radius, weights) = (radius, values.map { $0 / sum })
  }
}
