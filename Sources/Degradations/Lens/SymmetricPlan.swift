import CPixels

/// The taps of a kernel w(|dx|, |dy|), as `blur_symmetric` takes them.
///
/// In each row the greatest weight, from the middle on, is one sum; every other tap stands for its
/// mirror images too. A disk of radius 10 needs 11 sums and 19 taps instead of 349.
///
/// 256x256 RGB, radius 10: 0.7 ms with AVX-512, 0.75 ms with AVX2 on a core of 2.1 GHz, where single
/// taps by runs take 2 ms.
struct SymmetricPlan {
  private let radius: Int
  private let level: Float
  /// Where the sums of a row are kept (see `dp_symmetric`); -1 for those that nothing needs.
  private let pairPlaces: [Int32]
  private let spanPlaces: [Int32]
  private let places: Int
  /// For each row from the middle on: the sum of the greatest weight, and the number of its taps.
  private let spans: [Int32]
  private let counts: [Int]
  private let taps: [dp_tap]

  /// Plans a kernel; nil when it is not its own mirror image both ways.
  init?(_ grid: SpreadGrid) {
    guard SymmetricPlan.isSymmetric(grid) else { return nil }
    let r = grid.radius
    let level = grid.weights.max() ?? 0
    let rows = (0...r).map { dy in
      let start = (dy + r) * grid.side + r
      let weights = Array(grid.weights[start...start + r])
      return (weights, span: weights.prefix { abs($0 - level) <= 1e-9 * level }.count - 1)
    }
    let rest = rows.map { row in (row.span + 1..<r + 1).filter { row.0[$0] != 0 } }
    var next: Int32 = 0
    func places(_ needed: Set<Int>) -> [Int32] {
      (0...r).map { k in
        guard needed.contains(k) else { return -1 }
        defer { next += 1 }
        return next
      }
    }
    let pairPlaces = places(Set(rest.joined()))
    let spanPlaces = places(Set(rows.map(\.span)))
    (radius, self.level, self.pairPlaces, self.spanPlaces) = (
      r, Float(level), pairPlaces, spanPlaces
    )
    self.places = Int(next)
    spans = rows.map { $0.span < 0 ? -1 : spanPlaces[$0.span] }
    counts = rest.map(\.count)
    taps = zip(rows, rest).flatMap { row, rest in
      rest.map { dp_tap(place: UInt32(pairPlaces[$0]), weight: Float(row.0[$0])) }
    }
  }

  private static func isSymmetric(_ grid: SpreadGrid) -> Bool {
    let n = grid.side
    return (0..<n).allSatisfy { y in
      (0..<n).allSatisfy { x in
        let w = grid.weights[y * n + x]
        return w == grid.weights[y * n + n - 1 - x] && w == grid.weights[(n - 1 - y) * n + x]
      }
    }
  }

  var scratchSize: Int { dp_symmetric_scratch(radius, places) }

  func blur(_ area: BlurredArea, scratch: UnsafeMutablePointer<Float>) {
    pairPlaces.withUnsafeBufferPointer { pairPlaces in
      spanPlaces.withUnsafeBufferPointer { spanPlaces in
        spans.withUnsafeBufferPointer { spans in
          counts.withUnsafeBufferPointer { counts in
            taps.withUnsafeBufferPointer { taps in
              var kernel = dp_symmetric(
                radius: radius, places: places, level: level, pair_places: pairPlaces.baseAddress,
                span_places: spanPlaces.baseAddress, spans: spans.baseAddress,
                counts: counts.baseAddress, taps: taps.baseAddress)
              PixelKernels.used.blur_symmetric(
                area.out, area.outStride, area.frame, area.frameStride,
                area.columns * area.channels, area.rows, area.channels, &kernel, scratch)
            }
          }
        }
      }
    }
  }
}
