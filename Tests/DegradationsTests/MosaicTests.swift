import Basics
import Degradations
import Images
import Testing

@Suite("Mosaic") struct MosaicTests {
  private static let forms = ["bilinear", "malvar", "edge-aware"]

  private func made(
    _ form: String, of image: Image, pattern: FilterPattern = .rggb, shot: Double = 0,
    gains: [Double] = [1, 1], index: UInt64 = 0
  ) throws -> Image {
    let mosaic = try DegradationCatalog.type(named: "mosaic").init(parameters: [
      "form": .string(form), "pattern": .string(pattern.rawValue), "shot": .number(shot),
      "gains": .array(gains.map { .number($0) }),
    ])
    var image = image
    let scene = Scene(width: image.width, height: image.height)
    _ = mosaic.apply(to: &image, scene: scene, random: RandomStream(seed: 6, index: index))
    return image
  }

  @Test("a flat colour comes back in its own channels", arguments: forms, FilterPattern.allCases)
  func flatColour(form: String, pattern: FilterPattern) throws {
    for (width, height) in [(2, 2), (2, 5), (5, 3), (40, 17)] {
      let colour: [UInt8] = [200, 100, 50]
      let bytes = (0..<width * height).flatMap { _ in colour }
      let gt = Image(width: width, height: height, bytes: bytes)
      let lq = try made(form, of: gt, pattern: pattern, gains: [2.1, 1.7])
      #expect(lq.bytes == bytes, "\(width)x\(height)")
    }
  }

  @Test("ramps come back inside", arguments: ["bilinear", "malvar"], FilterPattern.allCases)
  func ramps(form: String, pattern: FilterPattern) throws {
    var gt = Image(width: 24, height: 20)
    for y in 0..<20 {
      for x in 0..<24 {
        gt[x, y, 0] = 0.1 + 0.02 * Float(x) + 0.01 * Float(y)
        gt[x, y, 1] = 0.2 + 0.02 * Float(x) + 0.01 * Float(y)
        gt[x, y, 2] = 0.05 + 0.02 * Float(x) + 0.01 * Float(y)
      }
    }
    let lq = try made(form, of: gt, pattern: pattern)
    for y in 2..<18 {
      for x in 2..<22 {
        for c in 0..<3 { #expect(abs(lq[x, y, c] - gt[x, y, c]) < 1e-5) }
      }
    }
  }

  @Test("what a filter saw stays as it was", arguments: forms)
  func seenValues(form: String) throws {
    let gt = testPicture(33, 27).gt
    for pattern in FilterPattern.allCases {
      let lq = try made(form, of: gt, pattern: pattern)
      for y in 0..<27 {
        for x in 0..<33 {
          let c = pattern.channel(x: x, y: y)
          #expect(lq[x, y, c] == gt[x, y, c])
        }
      }
    }
  }

  @Test("a picture of odd size is mirrored so that the filters keep their places", arguments: forms)
  func oddSizes(form: String) throws {
    let large = testPicture(24, 20).gt
    // The same picture, mirrored by hand beyond its 15th column and 11th row.
    var mirrored = Image(width: 19, height: 15)
    for y in 0..<15 {
      for x in 0..<19 {
        for c in 0..<3 {
          mirrored[x, y, c] = large[x < 15 ? x : 28 - x, y < 11 ? y : 20 - y, c]
        }
      }
    }
    let small = try made(form, of: large.cropped(x: 0, y: 0, width: 15, height: 11))
    let wide = try made(form, of: mirrored)
    for y in 0..<11 {
      for x in 0..<15 {
        for c in 0..<3 { #expect(small[x, y, c] == wide[x, y, c], "\(x) \(y)") }
      }
    }
  }

  @Test("a side of one pixel is refused, made or made again: the filters beside it are missing")
  func sideOfOne() throws {
    let chain = try DegradationChain([("gaussian-noise", 0.5), ("mosaic", 0.5)])
    let (wide, wideScene) = testPicture(8, 8)
    let steps = chain.apply(to: wide, scene: wideScene, seed: 1, index: 1).steps
    for (width, height) in [(1, 1), (1, 7), (7, 1)] {
      let (gt, scene) = testPicture(width, height)
      let problem = Problem(
        "degradation 'mosaic'",
        "wants sides of 2 pixels or more, the picture has \(width)x\(height)",
        fix: "leave it out, or take a larger picture")
      #expect(throws: problem) {
        try chain.degrade(gt.bytes, scene: scene, seed: 1, index: 1)
      }
      #expect(throws: problem) {
        try chain.apply(to: gt, scene: scene, seed: 1, index: 1, settings: [])
      }
      #expect(throws: problem) {
        try DegradationChain.replay(steps, on: gt, scene: scene, seed: 1, index: 1)
      }
      #expect(throws: problem) {
        try DegradationChain.replay(steps, on: gt.bytes, scene: scene, seed: 1, index: 1)
      }
    }
    let (gt, scene) = testPicture(1, 7)
    let without = try DegradationChain([("gaussian-noise", 0.5), ("mosaic", 0)])
    #expect(try without.degrade(gt.bytes, scene: scene, seed: 1, index: 1).lq.count == 21)
  }

  @Test("shot noise has the variance shot l behind each filter", arguments: [0.1, 0.3, 0.6])
  func noise(light: Double) throws {
    let gains = [2.0, 1, 1.6]
    let gt = Image(width: 512, height: 512, space: .linear, filledWith: Float(light))
    let lq = try made("zero-filled", of: gt, shot: 1e-3, gains: [gains[0], gains[2]])
    for c in 0..<3 {
      var (count, sum, squares) = (0.0, 0.0, 0.0)
      for y in 0..<512 {
        for x in 0..<512 where FilterPattern.rggb.channel(x: x, y: y) == c {
          let value = Double(lq[x, y, c]) - light
          (count, sum, squares) = (count + 1, sum + value, squares + value * value)
        }
      }
      // The sensor sees light / gain; what it adds is then multiplied by the gain.
      let variance = 1e-3 * light * gains[c]
      // 65536 values at least: the variance's own deviation is 0.55 %, the bound 4.5 of them, which
      // chance passes once in 147,000 cases; so is the mean's. 18 comparisons.
      #expect(abs(squares / count / variance - 1) < 0.025)
      #expect(abs(sum / count) < 4.5 * (variance / count).squareRoot())
    }
  }

  @Test("severity brings noise from level 1 on, and white balance in linear light only")
  func severity() throws {
    let (gt, scene) = testPicture(16, 16)
    func parameters(_ severity: Double, _ space: Image.Space) throws -> JSON {
      try DegradationChain([("mosaic", severity)], space: space)
        .apply(to: gt, scene: scene, seed: 1, index: 1).steps[0].parameters
    }
    let shots = try [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1].map {
      try #require(try parameters($0, .linear)["shot"]?.double)
    }
    let expected = [0, 0, 1e-4, 2e-4, 6e-4, 2e-3, 6e-3, 1.039e-2]
    for (a, b) in zip(shots, expected) { #expect(abs(a - b) < 1e-5) }
    #expect(try parameters(0.5, .srgb)["gains"] == [1.0, 1.0])
    #expect(try #require(parameters(0.5, .linear)["gains"]?.array?[0].double) >= 1.9)
  }

  @Test("all four phases are drawn")
  func phases() throws {
    let (gt, scene) = testPicture(8, 8)
    let chain = try DegradationChain([("mosaic", 0.5)])
    let found = (UInt64(0)..<40).map {
      chain.apply(to: gt, scene: scene, seed: 1, index: $0).steps[0].parameters["pattern"]?.string
    }
    #expect(Set(found).count == 4)
  }
}
