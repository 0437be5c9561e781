import Basics
import Images
import Testing

/// Cutting, mirroring, turning and dividing in one pass, beside doing it pixel by pixel.
@Suite struct PatchCutTests {
  private static let (width, height) = (13, 11)
  private static let picture = (0..<width * height * 3).map {
    UInt8(truncatingIfNeeded: $0 * 37 + 5)
  }

  private func values(_ cut: PatchCut, _ picture: [UInt8] = picture, width: Int = width) -> [Float]
  {
    [Float](unsafeUninitializedCapacity: cut.side * cut.side * 3) { values, count in
      count = cut.side * cut.side * 3
      guard let target = values.baseAddress else { return }
      // A copy that ends with the picture: reading past it is seen by the sanitizer.
      Array(picture).withUnsafeBufferPointer { cut.write($0, width: width, to: target) }
    }
  }

  /// The patch cut out, then mirrored, then turned counter-clockwise again and again.
  private func slowly(_ cut: PatchCut) -> [Float] {
    var rows: [[Float]] = (0..<cut.side).map { i in
      (0..<cut.side).flatMap { j in
        (0..<3).map { c in
          Float(Self.picture[((cut.y + i) * Self.width + cut.x + j) * 3 + c]) / 255
        }
      }
    }
    func pixel(_ i: Int, _ j: Int) -> ArraySlice<Float> { rows[i][3 * j..<3 * j + 3] }
    let places = 0..<cut.side
    if cut.flipped {
      rows = places.map { i in places.reversed().flatMap { pixel(i, $0) } }
    }
    for _ in 0..<cut.turns {
      rows = places.map { i in places.flatMap { pixel($0, cut.side - 1 - i) } }
    }
    return rows.flatMap { $0 }
  }

  @Test("every place, flip and turn gives what single steps give", arguments: [1, 2, 3, 8, 11])
  func allCuts(side: Int) {
    for (x, y) in [(0, 0), (1, 0), (Self.width - side, Self.height - side)] {
      for turns in 0..<4 {
        for flipped in [false, true] where x + side <= Self.width {
          let cut = PatchCut(x: x, y: y, side: side, flipped: flipped, turns: turns)
          #expect(values(cut) == slowly(cut), "\(cut)")
        }
      }
    }
  }

  @Test("every code is divided by 255 with correct rounding") func everyCode() {
    let codes = (0..<256).flatMap { [UInt8($0), UInt8($0), UInt8($0)] }
    let found = values(PatchCut(x: 0, y: 0, side: 16), codes, width: 16)
    #expect(found == codes.map { Float($0) / 255 })
  }
}
