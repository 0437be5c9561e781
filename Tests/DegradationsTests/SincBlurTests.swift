import Basics
import Images
import Testing

@testable import Degradations

@Suite("Sinc blur") struct SincBlurTests {
  private func filtered(_ image: Image, cutoff: Double, size: Int, share: Double = 1) throws
    -> Image
  {
    let label: JSON = [
      "cutoff": .number(cutoff), "size": .integer(size), "share": .number(share),
    ]
    var image = image
    _ = try SincBlur(parameters: label).apply(
      to: &image, scene: Scene(width: image.width, height: image.height),
      random: RandomStream(seed: 1))
    return image
  }

  @Test("the Bessel function has its known values")
  func bessel() {
    let known = [
      (0.0, 0.0), (1e-9, 5e-10), (0.001, 0.0004999999375), (1, 0.4400505857449335),
      (3.8317059702075125, 0), (10, 0.04347274616886144), (100, -0.07714535201411216),
    ]
    for (x, value) in known { #expect(abs(besselJ1(x) - value) < 2e-14, "J1(\(x))") }
  }

  @Test("waves below the cut-off pass and waves above it do not")
  func frequencies() throws {
    for (factor, low, high) in [(0.5, 0.9, 1.1), (1.6, 0, 0.12)] {
      let pixels = (0..<128 * 16 * 3).map { (i: Int) -> Float in
        let phase: Double = 0.8 * factor * Double(i / 3 % 128)
        return 0.5 + 0.4 * Float(ExactMath.sin(phase))
      }
      let image = Image(width: 128, height: 16, pixels: pixels)
      let made = try filtered(image, cutoff: 0.8, size: 41)
      let swing = (40..<88).map { abs(made[$0, 8, 0] - 0.5) / 0.4 }.max() ?? 0
      #expect(Double(swing) >= low && Double(swing) <= high, "\(factor): \(swing)")
    }
  }

  @Test("an edge rings beyond black and white, and the chain's end clips it")
  func overshoot() throws {
    let pixels = (0..<256 * 256 * 3).map { (i: Int) -> Float in i / 3 % 64 < 32 ? 0 : 1 }
    let image = Image(width: 256, height: 256, pixels: pixels)
    let made = try filtered(image, cutoff: 1.05, size: 21)
    #expect((made.pixels.max() ?? 0) > 1.05 && (made.pixels.min() ?? 0) < -0.05)
    let chain = try DegradationChain([("sinc-blur", 0.5)])
    let clipped = chain.apply(to: image, scene: Scene(width: 256, height: 256), seed: 1, index: 1)
      .lq
    #expect(clipped.pixels.max() == 1 && clipped.pixels.min() == 0)
  }

  @Test("the share mixes the filtered picture with the picture")
  func share() throws {
    let (image, _) = testPicture(40, 40)
    let whole = try filtered(image, cutoff: 1, size: 15)
    let part = try filtered(image, cutoff: 1, size: 15, share: 0.3)
    for i in image.pixels.indices {
      let mixed = 0.3 * whole.pixels[i] + 0.7 * image.pixels[i]
      #expect(abs(part.pixels[i] - mixed) < 1e-6)
    }
  }

  @Test("it acts on codes whatever the physics, and a flat field stays flat")
  func codes() throws {
    let image = Image(width: 48, height: 48, filledWith: 100 / 255)
    for severity in [0.05, 0.5, 1] {
      let chain = try DegradationChain([("sinc-blur", severity)], space: .linear)
      let made = chain.apply(to: image, scene: Scene(width: 48, height: 48), seed: 2, index: 3)
      #expect(made.steps[0].space == .srgb && made.lq.bytes.allSatisfy { $0 == 100 })
    }
  }

  @Test("the window always holds the first ring")
  func window() throws {
    for index in UInt64(0)..<40 {
      for severity in [0.1, 0.5, 1] {
        var random = RandomStream(seed: 2, index: index)
        let scene = Scene(width: 256, height: 256)
        let label = SincBlur(severity: severity, scene: scene, space: .srgb, drawing: &random)
          .parameters
        let cutoff = try #require(label["cutoff"]?.double)
        #expect(Double(try #require(label["size"]?.integer) / 2) * cutoff >= 5.4)
      }
    }
  }
}
