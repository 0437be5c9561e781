import Basics
import Images
import Testing

import Degradations

@Suite("Unsharp mask") struct UnsharpMaskTests {
  /// The definition, word for word, in double precision with a full window.
  private func plainly(_ gt: Image) -> [Double] {
    let weights = (-25...25).map { ExactMath.exp(-Double($0 * $0) / 128) }
    let sum = weights.reduce(0, +)
    func blurred(_ x: [Double]) -> [Double] {
      func along(_ x: [Double], _ place: (Int, Int, Int) -> Int) -> [Double] {
        x.indices.map { i in
          let (c, column, row) = (i % 3, i / 3 % gt.width, i / 3 / gt.width)
          return weights.indices.reduce(0) { total, k in
            total + weights[k] / sum * x[3 * place(column, row, k - 25) + c]
          }
        }
      }
      let rows = along(x) { $1 * gt.width + Image.reflected($0 + $2, gt.width) }
      return along(rows) { Image.reflected($1 + $2, gt.height) * gt.width + $0 }
    }
    let x = gt.pixels.map { Double($0) }
    let rest = zip(x, blurred(x)).map { $0 - $1 }
    let soft = blurred(rest.map { abs($0) * 255 > 10 ? 1 : 0 })
    return x.indices.map { i in
      let sharp = min(max(x[i] + 0.5 * rest[i], 0), 1)
      return soft[i] * sharp + (1 - soft[i]) * x[i]
    }
  }

  @Test("it is the formula of Real-ESRGAN, rounded to codes")
  func formula() {
    let gt = testPicture(60, 44).gt
    let made = UnsharpMask().sharpened(gt).bytes
    let expected = plainly(gt)
    for (code, value) in zip(made, expected) { #expect(abs(Double(code) - 255 * value) < 0.51) }
    #expect(made != gt.bytes)
  }

  @Test("flat pictures and faint texture below the threshold stay, of any size")
  func flat() {
    for (width, height) in [(1, 1), (3, 70), (40, 30)] {
      let bytes = (0..<width * height * 3).map { UInt8(100 + $0 % 5) }
      let faint = Image(width: width, height: height, bytes: bytes)
      #expect(UnsharpMask().sharpened(faint).bytes == bytes)
    }
  }

  @Test("the label makes the same sharpening, and a wrong one is refused")
  func label() throws {
    #expect(try UnsharpMask(UnsharpMask().json) == UnsharpMask())
    #expect { _ = try UnsharpMask(["sigma": 8.0, "size": 50]) } throws: {
      "\($0)".contains("usm.size")
    }
  }
}
