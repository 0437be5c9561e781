import Basics
import Degradations
import Images
import Testing

@Suite("Raindrops") struct RaindropTests {
  private func made(
    _ severity: Double, _ gt: Image, index: UInt64 = 0, space: Image.Space = .linear
  ) throws -> (lq: Image, step: ChainStep) {
    let scene = Scene(width: gt.width, height: gt.height)
    let result = try DegradationChain([("raindrop", severity)], space: space)
      .apply(to: gt, scene: scene, seed: 41, index: index)
    return (result.lq, result.steps[0])
  }

  @Test("drops cover the share of the severity", arguments: [0.1, 0.3, 0.5, 0.7, 0.9])
  func coverage(severity: Double) throws {
    for index in UInt64(0)..<6 {
      let step = try made(severity, testPicture(256, 200, index: index).gt, index: index).step
      let target = try #require(step.parameters["coverage"]?.double)
      #expect(abs(try #require(step.coverage) / target - 1) < 0.1)
    }
  }

  @Test("without rim and highlight a flat picture stays as it is")
  func flat() throws {
    var image = Image(width: 120, height: 90, filledWith: 0.5)
    _ = try drops(coverage: 0.3).apply(
      to: &image, scene: Scene(width: 120, height: 90), random: RandomStream(seed: 2))
    #expect(image.pixels.allSatisfy { abs($0 - 0.5) < 1e-5 })
  }

  @Test("a drop shows the picture upside down and mirrored")
  func inverted() throws {
    // Bright above, dark below; in a drop on the border line the sky is at the bottom.
    let side = 256
    let upper = (0..<side * side * 3).map { Float($0 / (3 * side) < side / 2 ? 1 : 0) }
    let right = (0..<side * side * 3).map { Float(($0 / 3) % side < side / 2 ? 1 : 0) }
    for (pixels, vertical) in [(upper, true), (right, false)] {
      var image = Image(width: side, height: side, pixels: pixels)
      _ = try drops(coverage: 0.25).apply(
        to: &image, scene: Scene(width: side, height: side), random: RandomStream(seed: 3))
      // Count the pixels near the line that show the other side.
      var (turned, near) = (0, 0)
      for y in 0..<side {
        for x in 0..<side {
          let place = (vertical ? y : x) - side / 2
          guard (-6..<6).contains(place) else { continue }
          near += 1
          if (place < 0) == (image[x, y, 1] < 0.5) { turned += 1 }
        }
      }
      #expect(Double(turned) / Double(near) > 0.06)
    }
  }

  @Test("a drop gathers a wide field: it holds less than it shows")
  func demagnified() throws {
    // Fine stripes are averaged away inside drops, they do not alias into coarse ones.
    let side = 256
    let stripes = (0..<side * side * 3).map { Float(($0 / 3) % 2) }
    var image = Image(width: side, height: side, pixels: stripes)
    _ = try drops(coverage: 0.25).apply(
      to: &image, scene: Scene(width: side, height: side), random: RandomStream(seed: 3))
    let gray = image.pixels.count { abs($0 - 0.5) < 0.1 }
    #expect(Double(gray) / Double(image.pixels.count) > 0.12)
  }

  @Test("rims darken and the lamp lights its own side")
  func shading() throws {
    func sum(rim: Double, highlight: Double) throws -> Double {
      var image = Image(width: 128, height: 128, filledWith: 0.4)
      _ = try drops(coverage: 0.2, rim: rim, highlight: highlight).apply(
        to: &image, scene: Scene(width: 128, height: 128), random: RandomStream(seed: 4))
      return image.pixels.reduce(0) { $0 + Double($1) }
    }
    let plain = try sum(rim: 0, highlight: 0)
    #expect(try sum(rim: 0.6, highlight: 0) < plain - 10)
    #expect(try sum(rim: 0, highlight: 0.6) > plain + 10)
  }

  @Test("edges out of focus are soft")
  func softEdges() throws {
    func partly(_ defocus: Double) throws -> Int {
      var image = Image(width: 128, height: 128, filledWith: 0.5)
      _ = try drops(coverage: 0.15, defocus: defocus, rim: 1, contact: 1).apply(
        to: &image, scene: Scene(width: 128, height: 128), random: RandomStream(seed: 5))
      return image.pixels.count { $0 > 0.02 && $0 < 0.48 }
    }
    #expect(try partly(3) > partly(0))
  }

  private func drops(
    coverage: Double, defocus: Double = 1, rim: Double = 0, highlight: Double = 0,
    contact: Double = 40
  ) throws -> any Degradation {
    try DegradationCatalog.type(named: "raindrop").init(parameters: [
      "coverage": .number(coverage), "radius": 7.0, "spread": 0.5, "merged": 0.3,
      "defocus": .number(defocus), "contact": .number(contact), "distance": 300.0,
      "rim": .number(rim), "highlight": .number(highlight), "lamp": 0.0,
    ])
  }
}
