import Basics
import Images
import Testing

@testable import Degradations

@Suite("Poisson noise") struct PoissonNoiseTests {
  private let side = 256

  /// A flat field in linear light after the noise, without the way to codes and back.
  private func counted(_ level: Float, electrons: Double, index: UInt64 = 0) throws -> [Float] {
    let noise = try PoissonNoise(parameters: ["electrons": .number(electrons)])
    var image = Image(width: side, height: side, space: .linear, filledWith: level)
    _ = noise.apply(
      to: &image, scene: Scene(width: side, height: side),
      random: RandomStream(seed: 4, index: index, stream: 1025))
    return image.pixels
  }

  @Test(
    "mean and variance at level l are l and l / P, dark or bright",
    arguments: [
      (1000, 0.5), (255, 0.2), (100, 0.11), (100, 0.13), (30, 0.4), (10, 0.05), (10, 0.3),
    ]
  )
  func moments(electrons: Double, level: Double) throws {
    let x = try counted(Float(level), electrons: electrons).map(Double.init)
    let n = Double(x.count)
    let mean = x.reduce(0, +) / n
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    // Five deviations of a mean and of a variance whose fourth moment is 3 + 1 / (P l).
    #expect(abs(mean - level) < 5 * (level / electrons / n).squareRoot())
    let spread = ((2 + 1 / (electrons * level)) / n).squareRoot()
    #expect(abs(variance / (level / electrons) - 1) < 5 * spread)
  }

  @Test(
    "the numbers of electrons follow the Poisson distribution",
    arguments: [0.3, 2, 7, 11.9, 12.1, 30])
  func distribution(mean: Double) throws {
    var found = [Double](repeating: 0, count: 200)
    for index in UInt64(0)..<5 {
      for x in try counted(Float(mean / 200), electrons: 200, index: index) {
        let count = Double(x) * 200
        #expect(abs(count - count.rounded()) < 1e-4)
        found[Int(count.rounded())] += 1
      }
    }
    let n = found.reduce(0, +)
    var (chi, classes, expected, seen) = (0.0, 0.0, 0.0, 0.0)
    var p = ExactMath.exp(-mean)
    for (k, count) in found.enumerated() {
      if k > 0 { p *= mean / Double(k) }
      expected += p * n
      seen += count
      if expected < 20 { continue }
      chi += (seen - expected) * (seen - expected) / expected
      classes += 1
      (expected, seen) = (0, 0)
    }
    // Chi-square of that many classes is normal enough; five deviations.
    #expect(chi < classes + 5 * (2 * classes).squareRoot(), "\(chi) of \(classes)")
  }

  @Test("the noise of a pixel depends on that pixel, not on how many codes the picture has")
  func content() throws {
    let noise = try PoissonNoise(parameters: ["electrons": 40.0])
    let scene = Scene(width: side, height: side)
    let random = RandomStream(seed: 4, index: 1, stream: 1025)
    var flat = Image(width: side, height: side, space: .linear, filledWith: 0.4)
    var busy = flat
    for i in busy.pixels.indices.dropFirst(5000) { busy.pixels[i] = Float(i % 251) / 251 }
    _ = noise.apply(to: &flat, scene: scene, random: random)
    _ = noise.apply(to: &busy, scene: scene, random: random)
    #expect(flat.pixels[..<5000] == busy.pixels[..<5000])
  }

  @Test("neighbours and channels are independent, dark ones of bright ones too")
  func independence() throws {
    let noise = try PoissonNoise(parameters: ["electrons": 100.0])
    var image = Image(width: side, height: side, space: .linear, filledWith: 0.05)
    // Every second run of 16 values is bright: the others take their numbers elsewhere.
    for i in image.pixels.indices where i / 16 % 2 == 0 { image.pixels[i] = 0.5 }
    let clean = image.pixels
    _ = noise.apply(
      to: &image, scene: Scene(width: side, height: side), random: RandomStream(seed: 9))
    let x = zip(image.pixels, clean).map { Double($0 - $1) / Double($1 / 100).squareRoot() }
    for step in [1, 2, 3, 16, 32, 48, 64] {
      let sum = zip(x, x.dropFirst(step)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(sum / Double(x.count - step)) < 5 / Double(x.count).squareRoot(), "\(step)")
    }
  }

  @Test("severity gives the photo-electrons of its level, and ten times less noise at a tenth")
  func severity() {
    let wanted: [Double: Double] = [
      0.001: 100_000, 0.05: 2000, 0.1: 1000, 0.3: 300, 0.5: 100, 0.7: 30, 0.9: 10,
    ]
    for (severity, electrons) in wanted {
      var random = RandomStream(seed: 1)
      let noise = PoissonNoise(
        severity: severity, scene: Scene(width: 8, height: 8), space: .linear, drawing: &random)
      #expect(abs(noise.electrons - electrons) < 1e-6 * electrons)
    }
    var random = RandomStream(seed: 1)
    let most = PoissonNoise(
      severity: 1, scene: Scene(width: 8, height: 8), space: .linear, drawing: &random)
    #expect(abs(most.electrons - 5.8) < 0.05)
  }

  @Test("black stays black, and nothing is brighter than white")
  func ends() throws {
    #expect(try counted(0, electrons: 100).allSatisfy { $0 == 0 })
    #expect(try counted(1, electrons: 100).allSatisfy { $0 <= 1 })
    #expect(try counted(1, electrons: 1e9).allSatisfy { $0 > 0.999 })
  }
}
