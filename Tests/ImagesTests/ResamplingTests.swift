import Images
import Testing

@Suite("Resampling") struct ResamplingTests {
  static let kinds = Image.Resampling.allCases

  private func ramp(_ width: Int, _ height: Int) -> Image {
    var image = Image(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 { image[x, y, c] = Float(x) * 0.01 + Float(y) * 0.02 + Float(c) * 0.1 }
      }
    }
    return image
  }

  @Test("one value stays one value in any size", arguments: kinds)
  func flat(kind: Image.Resampling) {
    let image = Image(width: 13, height: 7, filledWith: 0.3)
    for (w, h) in [(1, 1), (5, 3), (13, 7), (40, 9), (26, 21)] {
      let made = image.resized(width: w, height: h, by: kind)
      #expect(made.width == w && made.height == h)
      #expect(made.pixels.allSatisfy { abs($0 - 0.3) < 1e-6 })
    }
  }

  @Test("the same size is the same picture to the bit", arguments: kinds)
  func same(kind: Image.Resampling) {
    let image = ramp(17, 9)
    #expect(image.resized(width: 17, height: 9, by: kind) == image)
  }

  @Test("area is the mean of what a pixel covers")
  func area() {
    let image = ramp(8, 4)
    let half = image.resized(width: 4, height: 2, by: .area)
    for y in 0..<2 {
      for x in 0..<4 {
        let corner = image[2 * x, 2 * y, 1] + image[2 * x + 1, 2 * y + 1, 1]
        #expect(abs(half[x, y, 1] - corner / 2) < 1e-6)
      }
    }
    // Five pixels into three: 1 and 2/3 of a pixel, then 1/3, 1 and 1/3.
    let row = Image(width: 5, height: 1, channels: 1, pixels: [0, 3, 6, 9, 12])
    let third = row.resized(width: 3, height: 1, by: .area)
    for (a, b) in zip(third.pixels, [1.2, 6, 10.8]) { #expect(abs(a - Float(b)) < 1e-5) }
  }

  @Test("a ramp stays a ramp between the outermost pixels", arguments: [2, 3])
  func ramps(factor: Int) {
    let image = ramp(16, 16)
    let large = image.resized(width: 16 * factor, height: 16 * factor, by: .bilinear)
    for i in factor..<15 * factor {
      let place = (Float(i) + 0.5) / Float(factor) - 0.5
      #expect(abs(large[i, i, 1] - (place * 0.03 + 0.1)) < 1e-5)
    }
  }

  @Test("bicubic has the weights of slope factor -0.75")
  func bicubic() {
    var row = Image(width: 9, height: 1, channels: 1)
    row[4, 0, 0] = 1
    // Twice as large: new middles lie a quarter of a pixel beside the old ones.
    let large = row.resized(width: 18, height: 1, by: .bicubic)
    let half: [Float] = [-0.03515625, -0.10546875, 0.26171875, 0.87890625]
    for (i, weight) in (half + half.reversed()).enumerated() {
      #expect(abs(large.pixels[5 + i] - weight) < 1e-6, "\(large.pixels)")
    }
  }
}
