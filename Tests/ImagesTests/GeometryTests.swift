import Images
import Testing

/// A gray picture whose pixel at (x, y) is 10 y + x.
private func numbered(_ width: Int, _ height: Int) -> Image {
  let values = (0..<height).flatMap { y in (0..<width).map { Float(10 * y + $0) } }
  return Image(width: width, height: height, channels: 1, pixels: values)
}

@Suite struct GeometryTests {
  @Test("cropping takes the rectangle asked for")
  func crop() {
    #expect(numbered(4, 3).cropped(x: 1, y: 1, width: 2, height: 2).pixels == [11, 12, 21, 22])
    #expect(numbered(4, 3).cropped(x: 0, y: 0, width: 4, height: 3) == numbered(4, 3))
  }

  @Test("flips and quarter turns move pixels where they belong")
  func turns() {
    let image = numbered(3, 2)
    #expect(image.flippedHorizontally().pixels == [2, 1, 0, 12, 11, 10])
    #expect(image.turned(quarterTurns: 1).pixels == [10, 0, 11, 1, 12, 2])
    #expect(image.turned(quarterTurns: 1).width == 2)
    #expect(image.turned(quarterTurns: 2).pixels == [12, 11, 10, 2, 1, 0])
    #expect(image.turned(quarterTurns: 3).pixels == [2, 12, 1, 11, 0, 10])
    #expect(image.turned(quarterTurns: -1) == image.turned(quarterTurns: 3))
    #expect(image.turned(quarterTurns: 4) == image)
  }

  @Test("colour channels stay together")
  func colour() {
    let image = Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
    #expect(image.flippedHorizontally().pixels == [4, 5, 6, 1, 2, 3])
    #expect(numbered(2, 1).replicatedToRGB().pixels == [0, 0, 0, 1, 1, 1])
    #expect(image.replicatedToRGB() == image)
  }

  @Test(
    "padding reflects without repeating the edge, and bounces when it is wider than the picture")
  func padding() {
    let padded = numbered(3, 1).reflectPadded(right: 5, bottom: 0)
    #expect(padded.pixels == [0, 1, 2, 1, 0, 1, 2, 1])
    let tall = numbered(2, 2).reflectPadded(right: 1, bottom: 1)
    #expect(tall.pixels == [0, 1, 0, 10, 11, 10, 0, 1, 0])
    #expect(
      numbered(1, 1).reflectPadded(right: 2, bottom: 1).pixels == [Float](repeating: 0, count: 6))
    #expect((-4...6).map { Image.reflected($0, 3) } == [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2])
  }
}

@Suite struct DownscaleTests {
  @Test("a factor of 2 takes the mean of 2x2 pixels and leaves out an odd rim")
  func wholeFactor() {
    let image = numbered(5, 3).downscaled(by: 2)
    #expect(image.width == 2 && image.height == 1)
    #expect(image.pixels == [5.5, 7.5])
  }

  @Test("a factor of 1.5 weighs shared pixels by the part covered")
  func partFactor() {
    let row = Image(width: 3, height: 3, channels: 1, pixels: [0, 3, 6, 0, 3, 6, 0, 3, 6])
    let image = row.downscaled(by: 1.5)
    #expect(image.width == 2 && image.height == 2)
    #expect(zip(image.pixels, [1, 5, 1, 5]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("a flat picture stays flat", arguments: [1, 1.1, 2, 2.7, 3, 6.99])
  func flat(factor: Double) {
    let image = Image(width: 31, height: 7, filledWith: 0.4).downscaled(by: factor)
    #expect(image.width == Int(31 / factor) && image.height == Int(7 / factor))
    #expect(image.pixels.allSatisfy { abs($0 - 0.4) < 1e-6 })
  }

  @Test("the finest stripes become flat gray: nothing is aliased")
  func stripes() {
    let values = (0..<64 * 64).map { Float($0 % 2) }
    let image = Image(width: 64, height: 64, channels: 1, pixels: values).downscaled(by: 2)
    #expect(image.pixels.allSatisfy { $0 == 0.5 })
  }

  @Test("channels do not mix")
  func channels() {
    let pixels = (0..<48).map { [Float(0.25), 0.5, 0.75][$0 % 3] }
    let image = Image(width: 4, height: 4, pixels: pixels).downscaled(by: 4)
    #expect(image.pixels == [0.25, 0.5, 0.75])
  }
}
