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
    #expect(made[32, 32, 0] == image[32, 32, 0] && made[34, 32, 0] != image[34, 32, 0])
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

  @Test("paths come in their odds: in linear light all four, on codes lines and shakes alone")
  func odds() {
    let scene = Scene(width: 256, height: 300)
    func labels(_ space: Image.Space) -> [JSON] {
      (UInt64(0)..<2000).map { seed in
        var random = RandomStream(seed: seed)
        return MotionBlur(severity: 0.7, scene: scene, space: space, drawing: &random).parameters
      }
    }
    let wanted: [(Image.Space, [String: Double])] = [
      (.linear, ["line": 0.35, "shake": 0.45, "rotation": 0.12, "zoom": 0.08]),
      (.srgb, ["line": 0.25, "shake": 0.75, "rotation": 0, "zoom": 0]),
    ]
    for (space, odds) in wanted {
      let labels = labels(space)
      for (path, share) in odds {
        let count = Double(labels.count { $0["path"]?.string == path })
        let limit = 5 * (2000 * share * (1 - share)).squareRoot()
        #expect(abs(count - 2000 * share) <= limit, "\(path): \(count)")
      }
      // The length is the severity's whatever the path; raised highlights need light.
      #expect(labels.allSatisfy { $0["length"]?.double == 20 })
      let raised = labels.compactMap { $0["gain"]?.double }.filter { $0 != 1 }
      #expect(raised.allSatisfy { (2...8).contains($0) })
      #expect(space == .linear ? abs(raised.count - 1000) < 112 : raised.isEmpty)
    }
  }

  @Test("the means of paths are those of the definition in double precision")
  func definition() throws {
    var (image, _) = testPicture(70, 50)
    image.space = .linear
    for (path, length) in [("rotation", 9.0), ("zoom", 31), ("rotation", 90)] {
      let made = try moved(image, label(path, length: length, centre: [0.3, 0.8]))
      let middle = SIMD2(0.3 * 70 - 0.5, 0.8 * 50 - 0.5)
      let far = SIMD2(69, 0) - middle
      let reach = (far * far).sum().squareRoot()
      for (x, y) in [(0, 0), (69, 0), (69, 49), (35, 20), (5, 44), (60, 31)] {
        let arm = SIMD2(Double(x), Double(y)) - middle
        let share = (arm * arm).sum().squareRoot() / reach
        let way = length * share
        let count = 2 * max(Int(way * 0.5 + 0.5), way > 0.1 ? 1 : 0) + 1
        var sum = 0.0
        for i in 0..<count {
          let time = (Double(i) + 0.5) / Double(count) - 0.5
          let ratio = length / reach
          let growth = 2 * ExactMath.log((ratio + (ratio * ratio + 4).squareRoot()) / 2)
          let (s, c) = ExactMath.sincos(path == "zoom" ? 0 : time * ratio)
          let size = path == "zoom" ? ExactMath.exp(time * growth) : 1
          let place = SIMD2(arm.x * c - arm.y * s, arm.x * s + arm.y * c) * size + middle
          sum += between(image, place)
        }
        #expect(abs(Double(made[x, y, 1]) - sum / Double(count)) < 1e-4, "\(path) \(x) \(y)")
      }
    }
  }

  private func between(_ image: Image, _ place: SIMD2<Double>) -> Double {
    let (x, y) = (Int(place.x.rounded(.down)), Int(place.y.rounded(.down)))
    let (u, v) = (place.x - Double(x), place.y - Double(y))
    func at(_ x: Int, _ y: Int) -> Double {
      Double(image[Image.reflected(x, image.width), Image.reflected(y, image.height), 1])
    }
    let upper = at(x, y) * (1 - u) + at(x + 1, y) * u
    return upper * (1 - v) + (at(x, y + 1) * (1 - u) + at(x + 1, y + 1) * u) * v
  }

  @Test("a path of another name is refused")
  func refusal() {
    #expect { _ = try MotionBlur(parameters: label("spiral", length: 3)) } throws: {
      "\($0)".contains("motion-blur.path")
    }
  }
}
