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
    func sheet(_ confusion: Float) -> Int16 { Int16((confusion * sheets).rounded()) }
    let own = confusion.map(sheet)
    let guess = Backdrop(
      front, nearness: confusion.map { ($0 - low) / Float(span) }, width: width, height: height,
      reach: radius, edge: Float(edge / max(span * radius, 1e-6)))
    let behind = guess.nearness.map { sheet($0 * Float(span) + low) }
    let least = guess.least.map { sheet($0 * Float(span) + low) }
    (frontSheet, back) = (own, guess)
    backSheet = [Int16](unsafeUninitializedCapacity: width * height) { out, count in
      count = width * height
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

  /// Blurs each sheet and lays it over those behind it.
  ///
  /// - Parameter aperture: The opening for a radius and a turn in degrees: what is in front of the
  ///   focus shows it upside down.
  func blur(_ image: inout Image, aperture: (_ radius: Double, _ turn: Double) -> Aperture) {
    var sum = [SIMD4<Float>](repeating: .zero, count: width * height)
    let present = Set(frontSheet).union(backSheet).subtracting([FocalSheets.none])
    for sheet in present.sorted() {
      let radius = abs(Double(sheet)) * step
      RunBlur(aperture(radius, sheet > 0 ? 180 : 0).grid)
        .lay(width: width, height: height, over: &sum) { y, row in fill(row, y, sheet) }
    }
    image.pixels.withUnsafeMutableBufferPointer { out in
      for i in 0..<width * height {
        let colour = sum[i] / max(sum[i].w, 1e-6)
        (out[3 * i], out[3 * i + 1], out[3 * i + 2]) = (colour.x, colour.y, colour.z)
      }
    }
  }

  /// Writes what a row holds of a sheet; returns the columns from the first to the last of it.
  private func fill(_ row: UnsafeMutablePointer<Float>, _ y: Int, _ sheet: Int16) -> Range<Int>? {
    let places = y * width..<(y + 1) * width
    return frontSheet.withUnsafeBufferPointer { frontSheet in
      backSheet.withUnsafeBufferPointer { backSheet in
        func holds(_ i: Int) -> Bool { frontSheet[i] == sheet || backSheet[i] == sheet }
        guard let first = places.first(where: holds), let last = places.last(where: holds) else {
          return nil
        }
        let row = UnsafeMutableRawPointer(row)
        for i in places {
          let x = i - places.lowerBound
          var colour = SIMD4<Float>.zero
          if frontSheet[i] == sheet {
            colour = front[i]
          } else if backSheet[i] == sheet {
            colour = sheet == frontSheet[i] - 1 ? front[i] : back.colours[back.place(x, y)]
          }
          row.storeBytes(of: colour, toByteOffset: 16 * x, as: SIMD4<Float>.self)
        }
        return first - places.lowerBound..<last + 1 - places.lowerBound
      }
    }
  }
}
