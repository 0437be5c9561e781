import Basics
import Images
import Testing

@testable import Degradations

@Suite("Gaussian blur") struct GaussianBlurTests {
  private func drawn(_ severity: Double, index: Int, space: Image.Space = .linear) -> GaussianBlur {
    var random = RandomStream(seed: 8, index: UInt64(index))
    return GaussianBlur(
      severity: severity, scene: Scene(width: 256, height: 256), space: space, drawing: &random)
  }

  @Test("the families are drawn with the published odds")
  func odds() {
    let names = (0..<4000).compactMap { drawn(0.5, index: $0).parameters["family"]?.string }
    let odds = [
      "iso": 0.45, "aniso": 0.25, "generalized-iso": 0.12, "generalized-aniso": 0.03,
      "plateau-iso": 0.12, "plateau-aniso": 0.03,
    ]
    for (name, share) in odds {
      // Four standard deviations: wrong once in 16000 for a right program.
      let limit = 4 * (share * (1 - share) / 4000).squareRoot()
      let found = Double(names.filter { $0 == name }.count) / 4000
      #expect(abs(found - share) < limit, "\(name): \(found)")
    }
  }

  @Test("half of all exponents are above 1, and no plateau has less than 1")
  func exponents() {
    for family in GaussianFamily.allCases {
      var random = RandomStream(seed: 4)
      let values = (0..<1000).map { _ in family.exponent(drawing: &random) }
      let above = values.filter { $0 > 1 }.count
      #expect(family.isPlain ? values.allSatisfy { $0 == 1 } : (430...570).contains(above))
      #expect((values.min() ?? 0) >= (family.isPlateau ? 1 : 0.5))
      #expect((values.max() ?? 0) <= (family.isPlateau ? 2 : 4))
    }
  }

  @Test("the light of a point spreads with the label's deviations and along its angle")
  func moments() throws {
    for (x, y, angle) in [(1.5, 1.5, 0.0), (3.0, 1.2, 0), (2.8, 1.1, 35), (2.5, 1, -70)] {
      let label: JSON = [
        "family": .string(x == y ? "iso" : "aniso"), "sigma_x": .number(x), "sigma_y": .number(y),
        "angle": .number(angle), "beta": 1.0, "size": 31,
      ]
      var image = Image(width: 64, height: 64, space: .linear)
      image[32, 32, 1] = 1
      _ = try GaussianBlur(parameters: label)
        .apply(to: &image, scene: Scene(width: 64, height: 64), random: RandomStream(seed: 1))
      let (s, c) = ExactMath.sincos(angle * .pi / 180)
      var (light, along, across) = (0.0, 0.0, 0.0)
      for v in -32..<32 {
        for u in -32..<32 {
          let value = Double(image[u + 32, v + 32, 1])
          let (p, q) = (c * Double(u) + s * Double(v), c * Double(v) - s * Double(u))
          (light, along, across) = (light + value, along + value * p * p, across + value * q * q)
        }
      }
      #expect(abs(light - 1) < 1e-5)
      #expect(abs((along / light).squareRoot() - x) < 0.01 * x)
      #expect(abs((across / light).squareRoot() - y) < 0.01 * y)
    }
  }

  @Test("stretching keeps the mean square of the severity's sigma, give or take 10 %")
  func meanSquare() throws {
    for index in 0..<50 {
      let label = drawn(0.7, index: index).parameters
      let x = try #require(label["sigma_x"]?.double)
      let y = try #require(label["sigma_y"]?.double)
      #expect(abs(((x * x + y * y) / 2).squareRoot() / 2.4 - 1) < 0.101)
    }
  }

  @Test("on codes the window is one of the published seven to twenty-one")
  func windows() {
    let sizes = Set(
      (0..<200).compactMap {
        drawn(0.9, index: $0, space: .srgb).parameters["size"]?.integer
      })
    #expect(sizes == Set(stride(from: 7, through: 21, by: 2)))
  }

  @Test("a flat field stays flat for every family", arguments: GaussianFamily.allCases)
  func flat(family: GaussianFamily) throws {
    let label: JSON = [
      "family": .string(family.rawValue), "sigma_x": 2.0, "sigma_y": family.isRound ? 2.0 : 1.0,
      "angle": 20.0, "beta": family.isPlain ? 1.0 : 1.5, "size": 21,
    ]
    var image = Image(width: 33, height: 20, filledWith: 100 / 255)
    _ = try GaussianBlur(parameters: label)
      .apply(to: &image, scene: Scene(width: 33, height: 20), random: RandomStream(seed: 1))
    #expect(image.bytes.allSatisfy { $0 == 100 })
  }

  @Test("an even window and a large one that is no product are refused")
  func refusals() {
    var label: JSON = [
      "family": "plateau-iso", "sigma_x": 2.0, "sigma_y": 2.0, "angle": 0.0, "beta": 1.0,
      "size": 131,
    ]
    #expect { _ = try GaussianBlur(parameters: label) } throws: { "\($0)".contains("size") }
    label["size"] = 20
    #expect { _ = try GaussianBlur(parameters: label) } throws: { "\($0)".contains("odd") }
  }
}
