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
    let (low, high) = PixelKernels.bounds(confusion, within: 0...0)
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
    var nearness = confusion
    nearness.withUnsafeMutableBufferPointer {
      for i in $0.indices { $0[i] = ($0[i] - low) * scale }
    }
    let guess = Backdrop(
      front, nearness: nearness, width: width, height: height,
      reach: radius, edge: Float(edge / max(span * radius, 1e-6)))
    let behind = numbers(guess.nearness.map { $0 * Float(span) + low })
    let least = numbers(guess.least.map { $0 * Float(span) + low })
    (frontSheet, back) = (own, guess)
    // No surroundings with an edge: nothing is behind but what the surface itself goes on to.
    let second = guess.hasEdge.indices.map { guess.hasEdge[$0] ? behind[$0] : Int16.max }
    backSheet = guess.sheetsBehind(own, least: least, second: second, none: FocalSheets.none)
  }

  /// The radius by which each pixel that is seen is blurred.
  var radii: [Float] { frontSheet.map { Float(abs(Double($0)) * step) } }

  /// Blurs each sheet and lays it over those behind it.
  ///
  /// - Parameter aperture: The opening for a radius and a turn in degrees: what is in front of the
  ///   focus shows it upside down.
  func blur(_ image: inout Image, aperture: (_ radius: Double, _ turn: Double) -> Aperture) {
    let marks = SheetMarks(
      front: frontSheet, back: backSheet, none: FocalSheets.none, width: width, height: height)
    let sheets = marks.sheets.map { sheet in
      let radius = abs(Double(sheet)) * step
      return (sheet, KernelBlur(aperture(radius, sheet > 0 ? 180 : 0).grid))
    }
    let widest = sheets.reduce(0) { max($0, $1.1.radius) }
    var frame = SheetFrame(width: width, height: height, widestRadius: widest)
    withPlanes { planes in
      for (sheet, blur) in sheets {
        frame.lay(sheet, of: planes, held: marks.held(by: sheet), blur: blur)
      }
    }
    frame.write(to: &image.pixels)
  }

  /// Lends what the sheets hold to kernels.
  private func withPlanes(_ body: (dp_sheets) -> Void) {
    front.withUnsafeBytes { seen in
      back.colours.withUnsafeBytes { guess in
        frontSheet.withUnsafeBufferPointer { front in
          backSheet.withUnsafeBufferPointer { back in
            body(
              dp_sheets(
                width: width, height: height, block: Backdrop.block,
                seen: seen.assumingMemoryBound(to: Float.self).baseAddress,
                guess: guess.assumingMemoryBound(to: Float.self).baseAddress,
                front: front.baseAddress, back: back.baseAddress))
          }
        }
      }
    }
  }
}
