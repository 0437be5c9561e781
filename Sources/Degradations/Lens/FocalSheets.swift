import CPixels
import Images

/// A picture cut into sheets of equal defocus, the farthest first.
///
/// Each sheet holds its pixels as colour and coverage, both blurred by the sheet's radius, and lies
/// over those behind it. What lies behind the edge of a near thing is not in the picture, but shows
/// through its blurred rim; it is guessed from what is seen beside it (`Backdrop`). Where a surface goes
/// on from sheet to sheet, the farther one is continued below the nearer with the nearer's colours. The
/// sum is divided by its coverage, so that a flat field stays flat whatever the depth.
struct FocalSheets {
  private let width: Int
  private let height: Int
  /// The colours seen, and what is guessed behind them.
  private let front: [SIMD4<Float>]
  private let back: Backdrop
  /// The sheet of each, or `none`.
  ///
  /// A second sample one sheet behind the first has the colour of the first.
  private let frontSheet: [Int16]
  private let backSheet: [Int16]
  /// Pixels of radius between neighbouring sheets.
  private let step: Double
  private static let none = Int16.min

  /// Sorts pixels into sheets, one of which has radius 0.
  ///
  /// - Parameters:
  ///   - confusion: From -1 behind the focus to 1 in front of it.
  ///   - radius: The blur radius at confusion 1.
  ///   - count: The number of sheets, give or take one.
  ///   - edge: The difference of radius between neighbours from which on they are two things.
  init(_ image: Image, confusion: [Float], radius: Double, count: Int, edge: Double) {
    let (width, height) = (image.width, image.height)
    (self.width, self.height) = (width, height)
    let (low, high) = confusion.reduce((Float(0), Float(0))) { (min($0.0, $1), max($0.1, $1)) }
    let span = max(Double(high - low), 1e-6)
    step = span * radius / Double(count - 1)
    let sheets = Float(Double(count - 1) / span)
    front = image.colours(alpha: 1)
    func numbers(_ confusion: [Float]) -> [Int16] {
      PixelKernels.made(confusion.count) {
        PixelKernels.used.whole_numbers($0, confusion, $1, sheets)
      }
    }
    let own = numbers(confusion)
    let scale = 1 / Float(span)
    let guess = Backdrop(
      front, nearness: confusion.map { ($0 - low) * scale }, width: width, height: height,
      reach: radius, edge: Float(edge / max(span * radius, 1e-6)))
    let behind = numbers(guess.nearness.map { $0 * Float(span) + low })
    let least = numbers(guess.least.map { $0 * Float(span) + low })
    (frontSheet, back) = (own, guess)
    backSheet = PixelKernels.made(width * height) { out, _ in
      guard let out else { return }
      for y in 0..<height {
        for x in 0..<width {
          let (i, place) = (y * width + x, guess.place(x, y))
          let below = own[i] - 1
          let second = guess.hasEdge[place] ? min(behind[place], below) : below
          out[i] = least[place] < own[i] ? second : FocalSheets.none
        }
      }
    }
  }

  /// The radius by which each pixel that is seen is blurred.
  var radii: [Float] { frontSheet.map { Float(abs(Double($0)) * step) } }

  /// Blurs each sheet and lays it over those behind it.
  ///
  /// - Parameter aperture: The opening for a radius and a turn in degrees: what is in front of the
  ///   focus shows it upside down.
  func blur(_ image: inout Image, aperture: (_ radius: Double, _ turn: Double) -> Aperture) {
    let sheets = contents().map { sheet, runs in
      let radius = abs(Double(sheet)) * step
      return (runs, KernelBlur(aperture(radius, sheet > 0 ? 180 : 0).grid))
    }
    let widest = sheets.reduce(0) { max($0, $1.1.radius) }
    var frame = SheetFrame(width: width, height: height, widestRadius: widest)
    for (runs, blur) in sheets { frame.lay(runs, front: front, back: back, blur: blur) }
    frame.write(to: &image.pixels)
  }

  /// The sheets that hold something, the farthest first, and what they hold, row by row.
  private func contents() -> [(sheet: Int16, runs: [SheetRun])] {
    let low = backSheet.reduce(frontSheet.min() ?? 0) {
      $1 == FocalSheets.none ? $0 : min($0, $1)
    }
    var runs = [[SheetRun]](repeating: [], count: Int((frontSheet.max() ?? 0) - low) + 1)
    frontSheet.withUnsafeBufferPointer { front in
      backSheet.withUnsafeBufferPointer { back in
        for y in 0..<height {
          // Twice the sheet, and 1 more for guessed colours.
          collectRuns(y) { Int(front[$0]) * 2 } into: { runs[Int(($0 >> 1) - Int(low))].append($1) }
          collectRuns(y) { i in
            back[i] == FocalSheets.none ? nil : Int(back[i]) * 2 + (back[i] < front[i] - 1 ? 1 : 0)
          } into: {
            runs[Int(($0 >> 1) - Int(low))].append($1)
          }
        }
      }
    }
    return runs.enumerated().filter { !$0.element.isEmpty }.map {
      (low + Int16($0.offset), $0.element)
    }
  }

  /// Joins the neighbours of a row that have the same key; nil is left out.
  @inline(__always)
  private func collectRuns(_ y: Int, key: (Int) -> Int?, into take: (Int, SheetRun) -> Void) {
    var (start, last) = (0, key(y * width))
    for x in 1..<width + 1 {
      let next = x < width ? key(y * width + x) : nil
      if x < width, next == last { continue }
      if let last { take(last, SheetRun(y: y, columns: start..<x, isGuessed: last & 1 == 1)) }
      (start, last) = (x, next)
    }
  }
}

/// Neighbouring pixels of one row in one sheet.
struct SheetRun {
  let y: Int
  let columns: Range<Int>
  /// Whether their colours are the backdrop's.
  let isGuessed: Bool
}
