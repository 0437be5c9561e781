/// A mask without half tones that is filled shape by shape until it covers enough.
struct HoleMask {
  let width: Int
  let height: Int
  /// 1 where the picture is lost, row by row.
  private(set) var bytes: [UInt8]
  /// How many places are lost, and how many shall be.
  private(set) var covered = 0
  let target: Int

  /// The share of places that are lost.
  var coverage: Double { Double(covered) / Double(bytes.count) }
  /// Whether enough is covered, to 2 %.
  var isFull: Bool { covered * 50 >= target * 49 }
  /// How many places are missing.
  var missing: Int { target - covered }

  init(width: Int, height: Int, covering share: Double) {
    (self.width, self.height) = (width, height)
    bytes = [UInt8](repeating: 0, count: width * height)
    target = Int((share * Double(width * height)).rounded())
  }

  /// Covers a straight stroke with round ends, or as much of it from `a` on as is still missing.
  mutating func stroke(from a: SIMD2<Double>, to b: SIMD2<Double>, radius: Double) {
    let way = b - a
    let length = (way * way).sum().squareRoot()
    let most = radius * (2 * length + 3.2 * radius)
    if most <= Double(missing) || length == 0 { return fill(Capsule(a, b, radius)) }
    // Steps whose own area is 2 % of the target at most, but no less than half a pixel.
    let step = max(0.01 * Double(target) / radius, 0.5)
    var done = 0.0
    while done < length && !isFull {
      let next = min(done + step, length)
      fill(Capsule(a + way * (done / length), a + way * (next / length), radius))
      done = next
    }
  }

  /// Covers a rectangle, or as many of its rows from the top on as are still missing.
  mutating func box(x: Double, y: Double, width w: Double, height h: Double) {
    let (left, right) = (place(x, width), place(x + w, width))
    for row in place(y, height)..<place(y + h, height) {
      if isFull { return }
      fill(row, left, right)
    }
  }

  private mutating func fill(_ shape: Capsule) {
    let (width, rows) = (width, place(shape.top, height)..<place(shape.bottom, height))
    var more = 0
    bytes.withUnsafeMutableBufferPointer { bytes in
      for row in rows {
        guard let (from, to) = shape.section(Double(row) + 0.5) else { continue }
        let start = row * width
        more += cover(bytes, start + place(from, width), start + place(to, width))
      }
    }
    covered += more
  }

  private mutating func fill(_ row: Int, _ left: Int, _ right: Int) {
    let start = row * width
    covered += bytes.withUnsafeMutableBufferPointer { cover($0, start + left, start + right) }
  }
}

/// The first place whose middle is at `x` or behind it, kept inside.
@inline(__always)
private func place(_ x: Double, _ count: Int) -> Int {
  Int(min(max((x - 0.5).rounded(.up), 0), Double(count)))
}

/// Sets a run of bytes and returns how many were not set.
private func cover(_ bytes: UnsafeMutableBufferPointer<UInt8>, _ from: Int, _ to: Int) -> Int {
  if from >= to { return 0 }
  var before: UInt32 = 0
  for i in from..<to {
    before &+= UInt32(bytes[i])
    bytes[i] = 1
  }
  return to - from - Int(before)
}

/// All points within a radius of a straight line.
private struct Capsule {
  private let a: SIMD2<Double>
  private let b: SIMD2<Double>
  private let radius: Double
  /// From the line to its sides at right angles.
  private let side: SIMD2<Double>

  var top: Double { min(a.y, b.y) - radius }
  var bottom: Double { max(a.y, b.y) + radius }

  init(_ a: SIMD2<Double>, _ b: SIMD2<Double>, _ radius: Double) {
    (self.a, self.b, self.radius) = (a, b, radius)
    let way = b - a
    let length = (way * way).sum().squareRoot()
    side = length > 0 ? SIMD2(-way.y, way.x) * (radius / length) : SIMD2(0, 0)
  }

  /// From where to where the row at `y` lies inside; the shape is convex, so there is no gap.
  func section(_ y: Double) -> (Double, Double)? {
    var section = Section(y: y)
    section.takeDisk(a, radius)
    section.takeDisk(b, radius)
    section.takeEdge(a + side, b + side)
    section.takeEdge(a - side, b - side)
    section.takeEdge(a - side, a + side)
    section.takeEdge(b - side, b + side)
    return section.left <= section.right ? (section.left, section.right) : nil
  }
}

/// The part of a row that some shapes cover together.
private struct Section {
  let y: Double
  private(set) var left = Double.infinity
  private(set) var right = -Double.infinity

  init(y: Double) { self.y = y }

  mutating func takeDisk(_ middle: SIMD2<Double>, _ radius: Double) {
    let rise = y - middle.y
    let rest = radius * radius - rise * rise
    if rest < 0 { return }
    take(middle.x - rest.squareRoot())
    take(middle.x + rest.squareRoot())
  }

  mutating func takeEdge(_ p: SIMD2<Double>, _ q: SIMD2<Double>) {
    if (p.y > y) == (q.y > y) { return }
    take(p.x + (q.x - p.x) * ((y - p.y) / (q.y - p.y)))
  }

  private mutating func take(_ x: Double) {
    left = min(left, x)
    right = max(right, x)
  }
}
