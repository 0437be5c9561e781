import Basics
import Images
import Testing

@testable import Degradations

@Suite("Motion blur of a camera that rolls or zooms") struct RadialBlurTests {
  private func label(_ path: String, length: Double, centre: [Double] = [0.5, 0.5]) -> JSON {
    [
      "path": .string(path), "length": .number(length), "gain": 1.0,
      "centre": .array(centre.map { .number($0) }),
    ]
  }

  private func moved(_ image: Image, _ label: JSON) throws -> Image {
    var image = image
    let blur = try MotionBlur(parameters: label)
    #expect(blur.parameters.compact == label.compact)
    _ = blur.apply(
      to: &image, scene: Scene(width: image.width, height: image.height),
      random: RandomStream(seed: 1))
    return image
  }

  @Test("a point smears along its own path, by its share of the length, round its place")
  func path() throws {
    var image = Image(width: 129, height: 129, space: .linear)
    for c in 0..<3 { image[112, 64, c] = 1 }
    // The farthest corner is 64 sqrt(2) from the centre, the point 48.
    let expected = 20 * 48 / (64 * 2.0.squareRoot())
    for (path, along, across) in [("rotation", 1, 0), ("zoom", 0, 1)] {
      let made = try moved(image, label(path, length: 20))
      let spread = try #require(deviations(made))
      let sides = [spread.deviation.x, spread.deviation.y]
      // The deviation of an even path is its length over the root of 12.
      #expect(abs(sides[along] * 12.0.squareRoot() - expected) < 0.1 * expected, "\(path)")
      #expect(sides[across] < 1)
      #expect(abs(spread.middle.x - 112) < 0.5 && abs(spread.middle.y - 64) < 0.1, "\(path)")
    }
  }

  private func deviations(_ image: Image) -> (middle: SIMD2<Double>, deviation: SIMD2<Double>)? {
    var (light, sum, squares) = (0.0, SIMD2(0.0, 0), SIMD2(0.0, 0))
    for y in 0..<image.height {
      for x in 0..<image.width where image[x, y, 1] > 0 {
        let (value, place) = (Double(image[x, y, 1]), SIMD2(Double(x), Double(y)))
        (light, sum, squares) = (
          light + value, sum + place * value, squares + place * place * value
        )
      }
    }
    if light == 0 { return nil }
    let middle = sum / light
    return (middle, (squares / light - middle * middle).squareRoot())
  }

  @Test("the centre stays sharp and a flat field flat", arguments: ["rotation", "zoom"])
  func centre(path: String) throws {
    var (image, _) = testPicture(65, 65)
    image.space = .linear
    let made = try moved(image, label(path, length: 12))
    #expect(made[32, 32, 0] == image[32, 32, 0] && made[34, 32, 0] == image[34, 32, 0])
    let flat = Image(width: 65, height: 33, filledWith: 100 / 255)
    for centre in [[0.5, 0.5], [-4, 5], [0.1, 1.3]] {
      let made = try moved(flat, label(path, length: 40, centre: centre))
      #expect(made.bytes.allSatisfy { $0 == 100 })
    }
  }

  @Test("the smallest pictures and the longest paths work", arguments: ["rotation", "zoom"])
  func extremes(path: String) throws {
    for (width, height) in [(1, 1), (1, 6), (5, 2)] {
      let (image, _) = testPicture(width, height)
      let made = try moved(image, label(path, length: 4096, centre: [0, 0]))
      #expect(made.pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
  }

  @Test("a path of another name is refused")
  func refusal() {
    #expect { _ = try MotionBlur(parameters: label("spiral", length: 3)) } throws: {
      "\($0)".contains("motion-blur.path")
    }
  }
}
