import Basics
import Images
import Testing

@testable import Degradations

@Suite("Moire") struct MoireTests {
  private func parameters(_ severity: Double, _ space: Image.Space, index: UInt64) throws -> JSON {
    let (gt, scene) = testPicture(8, 8)
    let chain = try DegradationChain([("moire", severity)], space: space)
    return chain.apply(to: gt, scene: scene, seed: 2, index: index).steps[0].parameters
  }

  private func made(_ parameters: JSON, _ gt: Image, _ space: Image.Space) throws -> Image {
    let step = try ChainStep([
      "op": "moire", "severity": 0.5, "stage": "sensor", "space": .string(space.rawValue),
      "stream": 1025, "parameters": parameters,
    ])
    let scene = Scene(width: gt.width, height: gt.height)
    return try DegradationChain.replay([step], on: gt, scene: scene, seed: 2, index: 0)
  }

  /// What the bands add, in codes, and its RMS about the mean of each square of 32.
  private func bands(_ parameters: JSON, _ gt: Image, _ space: Image.Space) throws
    -> (difference: [Double], rms: Double)
  {
    var without = parameters
    without["rms"] = 0.0
    let (a, b) = (try made(parameters, gt, space), try made(without, gt, space))
    let difference = zip(a.pixels, b.pixels).map { 255 * Double($0 - $1) }
    var squares = 0.0
    for y in stride(from: 0, to: gt.height, by: 32) {
      for x in stride(from: 0, to: gt.width, by: 32) {
        for c in 0..<3 {
          let block: [Double] = (0..<1024).map { (i: Int) -> Double in
            difference[3 * ((y + i / 32) * gt.width + x + i % 32) + c]
          }
          let mean = block.reduce(0, +) / 1024
          squares += block.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }
      }
    }
    return (difference, (squares / Double(difference.count)).squareRoot())
  }

  @Test(
    "bands have the RMS of the severity", arguments: [0.1, 0.5, 0.9], [Image.Space.linear, .srgb])
  func amplitude(severity: Double, space: Image.Space) throws {
    for index in UInt64(0)..<4 {
      let gt = testPicture(256, 256, index: index).gt
      let parameters = try parameters(severity, space, index: index)
      let target = try #require(parameters["rms"]?.double)
      let found = try bands(parameters, gt, space).rms
      #expect(abs(found / target - 1) < 0.02, "found \(found), label \(target)")
    }
  }

  @Test("bands are coloured, wider than a pixel, and without a mean")
  func character() throws {
    let gt = Image(width: 256, height: 256, filledWith: 0.6)
    for index in UInt64(0)..<6 {
      let difference = try bands(try parameters(0.5, .linear, index: index), gt, .linear).difference
      func product(_ step: Int, _ a: Int, _ b: Int) -> Double {
        (0..<256 * 255).reduce(0.0) {
          $0 + difference[3 * $1 + a] * difference[3 * ($1 + step) + b]
        }
      }
      func sum(_ step: Int) -> Double { (0..<3).reduce(0.0) { $0 + product(step, $1, $1) } }
      #expect(sum(1) + sum(256) > 0.6 * sum(0), "record \(index)")
      let redBlue = product(0, 0, 2) / (product(0, 0, 0) * product(0, 2, 2)).squareRoot()
      #expect(redBlue < 0.95)
      #expect(abs(difference.reduce(0, +) / Double(difference.count)) < 1.5)
    }
  }

  @Test("the photograph lies on the picture, pixel on pixel")
  func alignment() throws {
    var gt = Image(width: 160, height: 128, space: .linear, filledWith: 0.05)
    let dots = [(20, 16), (80, 64), (139, 20), (30, 110), (141, 109)]
    for (x, y) in dots {
      for v in -2...2 { for u in -2...2 { for c in 0..<3 { gt[x + u, y + v, c] = 0.8 } } }
    }
    for index in UInt64(0)..<6 {
      var random = RandomStream(seed: 4, index: index)
      let plain = photo(of: gt, ScreenPose(for: .stripe, drawing: &random), layout: .stripe).plain
      for (x, y) in dots {
        for c in 0..<3 {
          var (sum, right, down) = (0.0, 0.0, 0.0)
          for v in -8...8 {
            for u in -8...8 {
              let light = Double(plain[3 * ((y + v) * 160 + x + u) + c]) - 0.05
              (sum, right, down) = (
                sum + light, right + light * Double(u), down + light * Double(v)
              )
            }
          }
          #expect(abs(right / sum) < 0.1 && abs(down / sum) < 0.1)
          #expect(abs(sum / (0.75 * 25) - 1) < 0.05)
        }
      }
    }
  }

  private func photo(of image: Image, _ pose: ScreenPose, layout: ScreenLayout) -> ScreenPhoto {
    var photo = ScreenPhoto(
      pose: pose, layout: layout, pattern: .grbg, filter: 0.4, shot: 0, read: 0)
    photo.take(image, random: RandomStream(seed: 1))
    return photo
  }

  @Test(
    "large pictures are photographed by tiles that show no seam", arguments: ScreenLayout.allCases)
  func seams(layout: ScreenLayout) {
    let gt = Image(width: 300, height: 40, space: .linear, filledWith: 0.5)
    var random = RandomStream(seed: 9)
    let photo = photo(of: gt, ScreenPose(for: .stripe, drawing: &random), layout: layout)
    #expect(photo.plain.allSatisfy { abs($0 - 0.5) < 1e-4 })
    // A bound on the second difference across columns 254...257, from all the other columns.
    func bend(_ x: Int) -> Float {
      var most: Float = 0
      for place in 0..<120 {
        let i = 900 * (place / 3) + 3 * x + place % 3
        let (a, b, c) = (photo.moire[i - 3], photo.moire[i], photo.moire[i + 3])
        most = max(most, abs(a - 2 * b + c))
      }
      return most
    }
    let elsewhere = (2..<298).filter { !(254...257).contains($0) }.map(bend).reduce(0, max)
    for x in 254...257 { #expect(bend(x) < 1.25 * elsewhere) }
  }

  @Test("places of the sensor and of the screen are each other's inverse")
  func inverse() {
    for index in UInt64(0)..<20 {
      var random = RandomStream(seed: 5, index: index)
      let view = ScreenView(ScreenPose(for: .stripe, drawing: &random), width: 300, height: 200)
      for place in [SIMD2(0.0, 0), SIMD2(300, 0), SIMD2(12, 190), SIMD2(300, 200), SIMD2(150, 100)]
      {
        let back = view.screen(fromSensor: view.sensor(fromScreen: place))
        #expect(abs(back.x - place.x) < 1e-3 && abs(back.y - place.y) < 1e-3)
      }
    }
  }

  @Test("the lights of every layout give a pixel's own light", arguments: ScreenLayout.allCases)
  func relief(layout: ScreenLayout) {
    for channel in 0..<3 {
      let relief = layout.relief(channel: channel)
      #expect(relief.count == 36 && abs(relief.reduce(0, +)) < 1e-4)
      #expect(relief.contains { $0 > 1 } && relief.allSatisfy { $0 >= -1 })
    }
  }

  @Test("two and three gratings are drawn, and a label with unequal lists is refused")
  func gratings() throws {
    let counts = try (UInt64(0)..<20).map {
      try parameters(0.5, .srgb, index: $0)["angles"]?.array?.count
    }
    #expect(Set(counts) == [2, 3])
    var wrong = try parameters(0.5, .srgb, index: 1)
    wrong["hues"] = [1.0]
    #expect(throws: Problem.self) { try Moire(parameters: wrong) }
  }

  @Test("a pose that would make the sensor's picture huge is refused")
  func bounds() throws {
    for (key, value) in [("ratio", 5.0), ("ratio", 0.1), ("distortion", 0.5)] {
      var wrong = try parameters(0.5, .linear, index: 1)
      wrong[key] = .number(value)
      #expect(throws: Problem.self) { try Moire(parameters: wrong) }
    }
  }
}
