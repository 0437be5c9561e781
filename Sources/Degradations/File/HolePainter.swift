import Basics

/// What the holes of a picture look like; lengths in pixels.
struct HoleShape: Sendable, Equatable {
  /// A family of shapes.
  enum Kind: String, Sendable, CaseIterable {
    /// Free-form strokes with a thin, middle or broad brush.
    case thin, medium, thick
    /// Rectangles.
    case boxes
    /// Straight lines of one thickness.
    case lines
    /// Lines of letters and digits.
    case text
  }

  let kind: Kind
  /// The smallest and greatest width of a brush, side of a box or height of a letter.
  let size: [Double]
  /// The smallest and greatest length of a stroke's piece, other side of a box, or line.
  let length: [Double]

  /// Draws the lengths' bounds for a kind.
  ///
  /// - Parameters:
  ///   - scale: The short side over 256.
  ///   - target: The area to cover. No brush is so broad that four dots of it would do, so that
  ///     small holes are not single blots.
  init(_ kind: Kind, scale: Double, target: Double, drawing random: inout RandomStream) {
    self.kind = kind
    let cap = (target / .pi).squareRoot()
    let one = random.uniform(5, 10)
    let ranges: (size: [Double], length: [Double])
    switch kind {
    case .thin: ranges = ([5, 14], [10, 49])
    case .medium: ranges = ([5, 54], [10, 109])
    case .thick: ranges = ([5, 104], [10, 209])
    case .boxes: ranges = ([10, 120], [10, 120])
    case .lines: ranges = ([one, one], [80, 360])
    case .text: ranges = ([2.2 * one, 2.8 * one], [60, 240])
    }
    size = ranges.size.map { min(max(min($0 * scale, cap), 1), 65536).rounded(places: 3) }
    let limit = kind == .boxes ? cap : 65536
    length = ranges.length.map { min(max(min($0 * scale, limit), 1), 65536).rounded(places: 3) }
  }

  init(_ reader: ParameterReader) throws(Problem) {
    kind = try reader.choice("mask")
    size = try reader.numbers("size", count: 2, in: 1...65536)
    length = try reader.numbers("length", count: 2, in: 1...65536)
  }

  var members: [JSON.Member] {
    [
      .init("mask", .string(kind.rawValue)), .init("size", .numbers(size)),
      .init("length", .numbers(length)),
    ]
  }
}

/// Paints shapes of one family into a mask until it is full.
struct HolePainter {
  /// More shapes than any mask within reason needs.
  private static let most = 100_000

  private(set) var mask: HoleMask
  private let shape: HoleShape
  private var random: RandomStream

  init(_ shape: HoleShape, mask: HoleMask, random: RandomStream) {
    (self.shape, self.mask, self.random) = (shape, mask, random)
    let tilt = self.random.chance(0.6) ? 0 : self.random.uniform(-0.6, 0.6)
    for _ in 0..<Self.most {
      if self.mask.isFull { return }
      switch shape.kind {
      case .thin, .medium, .thick: freeForm()
      case .boxes: box()
      case .lines: line()
      case .text: text(tilt: tilt)
      }
    }
  }

  private mutating func place() -> SIMD2<Double> {
    SIMD2(random.uniform(0, Double(mask.width)), random.uniform(0, Double(mask.height)))
  }

  private mutating func draw(_ range: [Double]) -> Double { random.uniform(range[0], range[1]) }

  private func direction(_ angle: Double) -> SIMD2<Double> {
    let (s, c) = ExactMath.sincos(angle)
    return SIMD2(c, s)
  }

  /// A brush no broader than a dot of the missing area, so that the last stroke is not too much.
  private mutating func radius() -> Double {
    min(draw(shape.size), 2 * (Double(mask.missing) / .pi).squareRoot()) / 2
  }

  /// A stroke of one to five straight pieces that turn by up to 120 degrees.
  private mutating func freeForm() {
    let radius = radius()
    var here = place()
    var angle = random.uniform(0, 2 * .pi)
    for _ in 0...random.integer(below: 5) {
      let there = here + direction(angle) * draw(shape.length)
      let end = there.clamped(
        lowerBound: SIMD2(0, 0), upperBound: SIMD2(Double(mask.width), Double(mask.height)))
      mask.stroke(from: here, to: end, radius: radius)
      if mask.isFull { return }
      here = end
      angle += random.uniform(-2.1, 2.1)
    }
  }

  private mutating func line() {
    let middle = place()
    let half = direction(random.uniform(0, .pi)) * (draw(shape.length) / 2)
    mask.stroke(from: middle - half, to: middle + half, radius: radius())
  }

  private mutating func box() {
    let (middle, width, height) = (place(), draw(shape.size), draw(shape.length))
    mask.box(x: middle.x - width / 2, y: middle.y - height / 2, width: width, height: height)
  }

  /// One line of words that begins anywhere in the picture or a little left of it.
  private mutating func text(tilt: Double) {
    let height = draw(shape.size)
    let (along, length) = (direction(tilt), draw(shape.length))
    let down = SIMD2(-along.y, along.x)
    let radius = max(height * random.uniform(0.06, 0.11), 0.5)
    var pen = place() - along * (length / 3)
    let end = length / height
    var written = 0.0
    while written < end {
      if !random.chance(0.15) {
        for stroke in StrokeLetters.all[random.integer(below: StrokeLetters.all.count)] {
          for (a, b) in zip(stroke, stroke.dropFirst()) {
            mask.stroke(
              from: pen + (along * a.x + down * a.y) * height,
              to: pen + (along * b.x + down * b.y) * height, radius: radius)
            if mask.isFull { return }
          }
        }
      }
      pen += along * (StrokeLetters.advance * height)
      written += StrokeLetters.advance
    }
  }
}
