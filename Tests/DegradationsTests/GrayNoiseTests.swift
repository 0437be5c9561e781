import Basics
import Images
import Testing

@testable import Degradations

@Suite("Gray noise") struct GrayNoiseTests {
  private let side = 256

  private func noise(_ name: String, _ parameters: JSON, on gt: Image) throws -> [Double] {
    let type = try DegradationCatalog.type(named: name)
    var image = gt
    let scene = Scene(width: side, height: side)
    _ = try type.init(parameters: parameters)
      .apply(to: &image, scene: scene, random: RandomStream(seed: 3, index: 1, stream: 1025))
    return zip(image.pixels, gt.pixels).map { Double($0) - Double($1) }
  }

  private func colour(_ values: [Float]) -> Image {
    let pixels = (0..<side * side * 3).map { values[$0 % 3] }
    return Image(width: side, height: side, pixels: pixels)
  }

  @Test(
    "the three channels of a pixel have one value, of the label's deviation",
    arguments: [
      ("gaussian-noise", ["sigma": 20.0, "gray": true] as JSON, 20.0 / 255),
      // The luma of the colour below is 0.5: its variance is 0.5 / P.
      ("poisson-noise", ["electrons": 200.0, "gray": true] as JSON, 0.05),
    ])
  func gray(name: String, parameters: JSON, deviation: Double) throws {
    let x = try noise(name, parameters, on: colour([0.5, 0.5, 0.5]))
    let pixels = stride(from: 0, to: x.count, by: 3)
    #expect(pixels.allSatisfy { abs(x[$0] - x[$0 + 1]) < 1e-6 && abs(x[$0] - x[$0 + 2]) < 1e-6 })
    let tinted = try noise(name, parameters, on: colour([0.45, 0.52, 0.53]))
    #expect(pixels.allSatisfy { abs(tinted[$0] - tinted[$0 + 2]) < 1e-6 })
    let n = Double(side * side)
    let mean = pixels.reduce(0) { $0 + x[$1] } / n
    let variance = pixels.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / n
    // Five deviations of a mean and of a deviation.
    #expect(abs(mean) < 5 * deviation / n.squareRoot())
    #expect(abs(variance.squareRoot() / deviation - 1) < 5 / (2 * n).squareRoot())
  }

  @Test("bright pictures have as much gray light noise as the label says, not cut off at white")
  func bright() throws {
    let x = try noise(
      "poisson-noise", ["electrons": 100.0, "gray": true], on: colour([1, 0.95, 0]))
    // The blue channel has room: the luma's noise is whole there.
    let blue = stride(from: 2, to: x.count, by: 3).map { x[$0] }
    #expect(blue.contains { $0 > 0.15 })
  }

  @Test("noise that is not gray keeps its bytes and its label")
  func plain() throws {
    let gt = testPicture(side, side).gt
    for (name, key, value) in [
      ("gaussian-noise", "sigma", 25.0), ("poisson-noise", "electrons", 90),
    ] {
      let parameters = JSON.object([.init(key, .number(value))])
      var off = parameters
      off["gray"] = false
      #expect(try noise(name, parameters, on: gt) == noise(name, off, on: gt))
      var random = RandomStream(seed: 1)
      let type = try DegradationCatalog.type(named: name)
      let drawn = type.init(
        severity: 0.5, scene: Scene(width: 8, height: 8), space: .srgb, drawing: &random)
      #expect(drawn.parameters["gray"] == nil)
      #expect(throws: Problem.self) {
        var wrong = parameters
        wrong["gray"] = 0.4
        _ = try type.init(parameters: wrong)
      }
    }
  }
}
