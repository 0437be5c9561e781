import CPixels

/// The taps of a blur kernel, with runs of equal weights in its rows gathered into few.
///
/// A tap of plane j stands for 2^j neighbours of one weight. A run may take in places beside it that
/// have weights of their own: their single taps then make up the difference. So its length is chosen
/// with few binary digits. A disk of radius 10 needs 110 taps instead of 349.
struct RunPlan {
  struct Tap {
    /// The binary logarithm of the number of neighbours.
    let plane: Int
    /// The offset of the last of them; light goes to it, so that a pixel gathers from -dx on.
    let dx: Int
    let dy: Int
    let weight: Double
  }

  /// More planes than this would cost more memory than they save taps.
  private static let planes = 6
  /// Runs shorter than this are no shorter as taps.
  private static let shortest = 4

  let taps: [Tap]
  private let radius: Int

  init(_ grid: SpreadGrid) {
    let level = grid.weights.max() ?? 0
    radius = grid.radius
    taps = (-grid.radius...grid.radius).flatMap { dy in
      let start = (dy + grid.radius) * grid.side
      return RunPlan.row(
        Array(grid.weights[start..<start + grid.side]), level: level, dy: dy, radius: grid.radius)
    }
  }

  /// The number of planes that the taps read.
  var planeCount: Int { 1 + taps.reduce(0) { max($0, $1.plane) } }

  func scratchSize(channels: Int) -> Int { dp_runs_scratch(radius, channels, planeCount) }

  func blur(_ area: BlurredArea, scratch: UnsafeMutablePointer<Float>) {
    let plane = dp_runs_plane(radius, area.channels)
    let runs = taps.map { tap in
      // Light from a point goes to the tap, so a pixel gathers from the opposite side.
      dp_run_tap(
        row: UInt32(radius - tap.dy),
        offset: UInt32(tap.plane * plane + (radius - tap.dx) * area.channels),
        weight: Float(tap.weight))
    }
    runs.withUnsafeBufferPointer { runs in
      var kernel = dp_runs(
        radius: radius, planes: planeCount, count: runs.count, taps: runs.baseAddress)
      PixelKernels.used.blur_runs(
        area.out, area.outStride, area.frame, area.frameStride, area.columns * area.channels,
        area.rows, area.channels, &kernel, scratch)
    }
  }

  private static func row(_ row: [Double], level: Double, dy: Int, radius: Int) -> [Tap] {
    guard let low = row.firstIndex(where: { $0 != 0 }), let high = row.lastIndex(where: { $0 != 0 })
    else { return [] }
    let run = chosenRun(in: row, level: level, within: low...high)
    let blocks = blocks(of: run).map { plane, first in
      Tap(plane: plane, dx: first + (1 << plane) - 1 - radius, dy: dy, weight: level)
    }
    let singles = (low...high).map { i in
      Tap(plane: 0, dx: i - radius, dy: dy, weight: row[i] - (run.contains(i) ? level : 0))
    }
    return blocks + singles.filter { abs($0.weight) > 1e-9 * level }
  }

  /// The places that the blocks cover: those of the greatest weight, and some of their neighbours.
  private static func chosenRun(
    in row: [Double], level: Double, within bounds: ClosedRange<Int>
  ) -> Range<Int> {
    let even = bounds.filter { abs(row[$0] - level) <= 1e-9 * level }
    guard let first = even.first, let last = even.last, even.count == last - first + 1,
      even.count >= shortest
    else { return 0..<0 }
    let lengths = even.count...bounds.count
    let best = lengths.min { blockCount($0) < blockCount($1) } ?? even.count
    let start = first - min(best - even.count, first - bounds.lowerBound)
    return start..<start + best
  }

  private static func blockCount(_ length: Int) -> Int {
    let largest = 1 << (planes - 1)
    return length / largest + (length % largest).nonzeroBitCount
  }

  /// Cuts a run into blocks of 2^plane places, the largest first.
  private static func blocks(of run: Range<Int>) -> [(plane: Int, first: Int)] {
    var first = run.lowerBound
    var blocks: [(plane: Int, first: Int)] = []
    for plane in (0..<planes).reversed() {
      while run.upperBound - first >= 1 << plane {
        blocks.append((plane, first))
        first += 1 << plane
      }
    }
    return blocks
  }
}
