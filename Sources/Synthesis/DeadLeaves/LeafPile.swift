import Basics

/// The leaves of a picture in the order in which they hide each other, the nearest first.
struct LeafPile {
  /// The number of a place that no leaf covers.
  static let none: Int32 = -1
  /// The share of the frame that a full plane leaves to the backdrop.
  private static let backdropShare = 0.002
  /// Leaves from this radius on are painted, in pixels at a short side of 256 (20 at 512).
  private static let smallestPainted = 10.0

  /// Width in pixels; the raster is twice as wide.
  let width: Int
  /// Height in pixels.
  let height: Int
  private let palette: Palette
  /// The share of the large leaves that is painted.
  private let textures: Double
  /// Draws how leaves look, so that a style without textures has the same leaves.
  private var looks: RandomStream
  private(set) var leaves: [Leaf] = []
  private(set) var paints: [LeafPaint] = []

  init(width: Int, height: Int, palette: Palette, textures: Double, looks: RandomStream) {
    (self.width, self.height, self.palette, self.textures) = (width, height, palette, textures)
    self.looks = looks
  }

  /// The factor for lengths in pixels, which are given for a short side of 256.
  private var scale: Double { Double(min(width, height)) / 256 }

  /// Lets the leaves of a plane fall, behind all that fell before, until it is covered.
  ///
  /// - Returns: The number of the leaf at each place of the raster, or `none`.
  mutating func cover(_ layer: LeafLayer, drawing random: inout RandomStream) -> [Int32] {
    let (w, h) = (2 * width, 2 * height)
    let sizes = LeafSizes(
      smallest: layer.smallest, largest: layer.largest, width: Double(w), height: Double(h))
    var order = [Int32](repeating: LeafPile.none, count: w * h)
    var mask = CoverageMask(width: w, height: h)
    let isFull = layer.share >= 1
    let least = isFull ? LeafPile.backdropShare : 1 - layer.share
    while Double(mask.left) > least * Double(w * h) {
      let covered = (1 - Double(mask.left) / Double(w * h)) / layer.share
      let r = sizes.radius(random.uniform())
      let x = random.uniform(-r, Double(w) + r)
      let y = random.uniform(-r, Double(h) + r)
      // What is far looks small.
      if r * (1 + covered) > layer.largest && r > 2 * layer.smallest { continue }
      let outline = LeafOutline(x: x, y: y, r: r, drawing: &random)
      guard take(outline, &mask, &order) else { continue }
      let depth = layer.near + (layer.far - layer.near) * min(covered, 1)
      addLeaf(x: x / 2, y: y / 2, r: r / 2, depth: depth)
    }
    guard isFull else { return order }
    let number = Int32(leaves.count)
    mask.takeRest { x, y in order[y * w + x] = number }
    addLeaf(x: 0, y: 0, r: 0.5, depth: layer.far)
    return order
  }

  /// Gives the free places within an outline to the next leaf; false when there are none.
  private func take(_ outline: LeafOutline, _ mask: inout CoverageMask, _ order: inout [Int32])
    -> Bool
  {
    let (before, number) = (mask.left, Int32(leaves.count))
    order.withUnsafeMutableBufferPointer { order in
      outline.rows(height: 2 * height) { row, span in
        mask.take(span, row: row) { order[row * 2 * width + $0] = number }
      }
    }
    return mask.left < before
  }

  private mutating func addLeaf(x: Double, y: Double, r: Double, depth: Double) {
    let colour = palette.pick(&looks)
    var paint: Int?
    if r >= LeafPile.smallestPainted * scale && looks.chance(textures) {
      paint = paints.count
      paints.append(
        LeafPaint(
          x: x, y: y, r: r, colour: colour, palette: palette, scale: scale, drawing: &looks))
    }
    leaves.append(
      Leaf(
        x: x, y: y, r: r, depth: depth, colour: paint == nil ? colour : .one, paint: paint,
        drawing: &looks))
  }
}
