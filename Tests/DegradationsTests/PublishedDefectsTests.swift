import Basics
import Degradations
import Foundation
import Images
import TestSupport
import Testing

/// Mistakes that published generators make, measured here so that they cannot become ours.
///
/// What is estimated from draws is bound by five of the estimate's deviations: one false alarm in 1.7
/// million for a normal law. For a new set of seeds this file fails by chance in less than 0.03 % of
/// cases, nearly all of it from coverage, whose deviation is itself estimated; with the seeds given here
/// the outcome is always the same. Kernels, flat fields and transmissions are computed, not estimated:
/// their limits are those of rounding.
@Suite("Defects of published generators") struct PublishedDefectsTests {
  private static let blurs = [
    "motion-blur", "defocus-blur", "gaussian-blur", "sinc-blur", "resize",
  ]
  private static let levels = SeverityScale.levelSeverities

  private func made(
    _ name: String, _ severity: Double, _ gt: Image, _ scene: Scene, index: UInt64 = 0,
    space: Image.Space = .linear
  ) throws -> (lq: Image, step: ChainStep) {
    let result = try DegradationChain([(name, severity)], space: space)
      .apply(to: gt, scene: scene, seed: 31, index: index)
    return (result.lq, result.steps[0])
  }

  private func procedural(_ side: Int, _ index: UInt64) -> (gt: Image, scene: Scene) {
    let gt = testPicture(side, side, index: index).gt
    return (gt, ProceduralDepth.scene(for: gt, random: RandomStream(seed: 2, index: index)))
  }

  // MARK: Noise

  @Test(
    "codes are rounded, not cut off: their mean error is 0, for every degradation that adds noise")
  func rounding() throws {
    // AirNet and PromptIR cut off, which darkens by half a code.
    let scene = Scene(width: 96, height: 96)
    let gt = Image(width: 96, height: 96, filledWith: 150 / 255)
    for name in ["gaussian-noise", "poisson-noise", "camera-noise", "low-light"] {
      var error = 0.0
      var counts: [Float: Double] = [:]
      for index in UInt64(0)..<41 {
        let lq = try made(name, 0.1 + 0.02 * Double(index), gt, scene, index: index).lq
        for (code, value) in zip(lq.bytes, lq.pixels) where value > 0 && value < 1 {
          error += Double(code) - 255 * Double(value)
          counts[value, default: 0] += 1
        }
      }
      // A value's error is uniform within half a code, its variance 1/12; equal values have equal ones,
      // and few are left of what was counted or quantised. 1.1 million values of 773 kinds or more.
      let total = counts.values.reduce(0, +)
      let variance = counts.values.reduce(0) { $0 + $1 * $1 } / (12 * total * total)
      #expect(abs(error) / total < 5 * variance.squareRoot(), "\(name): \(error / total)")
    }
  }

  @Test("the mean of a noisy flat field is the field's within 0.02 code")
  func mean() throws {
    var sum = 0.0
    let records = UInt64(40)
    for index in 0..<records {
      let gt = Image(width: 256, height: 256, filledWith: 128 / 255)
      let bytes = try made(
        "gaussian-noise", 0.1, gt, Scene(width: 256, height: 256), index: index
      ).lq.bytes
      sum += bytes.reduce(0) { $0 + Double($1) } / Double(bytes.count)
    }
    // 7.9 million values: the mean's deviation is 8 / 2804 = 0.0029 codes, the limit seven of them, which
    // chance passes once in 400 thousand million cases.
    #expect(abs(sum / Double(records) - 128) < 0.02)
  }

  @Test("the noise has the deviation of the label at every level", arguments: levels)
  func deviation(severity: Double) throws {
    // BSRGAN's third branch takes the greatest level whatever was drawn.
    let gt = Image(width: 256, height: 256, filledWith: 0.5)
    let (lq, step) = try made("gaussian-noise", severity, gt, Scene(width: 256, height: 256))
    let sigma = try #require(step.parameters["sigma"]?.double) / 255
    let n = Double(lq.pixels.count)
    let variance = lq.pixels.reduce(0) { $0 + (Double($1) - 0.5) * (Double($1) - 0.5) } / n
    // A normal value clipped at half a unit to both sides.
    let a = 0.5 / sigma
    let inside = erf(a / 2.0.squareRoot())
    let density = exp(-a * a / 2) / (2 * Double.pi).squareRoot()
    let expected = sigma * sigma * (inside - 2 * a * density) + 0.25 * (1 - inside)
    // Five deviations of a variance of 196,608 values: 1.6 %. Clipping only makes its own smaller.
    #expect(abs(variance / expected - 1) < 5 * (2 / n).squareRoot())
  }

  @Test("the noises of two records are unrelated, and so are those of two seeds and two splits")
  func patterns() throws {
    // DCPT's loader gives an image one pattern for ever, and one to all validation images.
    let gt = Image(width: 128, height: 128, filledWith: 0.5)
    let scene = Scene(width: 128, height: 128)
    func noise(_ seed: UInt64, _ index: UInt64) throws -> [Double] {
      try DegradationChain([("gaussian-noise", 0.3)])
        .apply(to: gt, scene: scene, seed: seed, index: index).lq.pixels.map { Double($0) - 0.5 }
    }
    let first = try noise(1, 0)
    let power = first.reduce(0) { $0 + $1 * $1 }
    for other in [try noise(1, 1), try noise(2, 0), try noise(1, 1 << 48), try noise(1, 1 << 32)] {
      let product = zip(first, other).reduce(0) { $0 + $1.0 * $1.1 }
      // Five deviations of the correlation of 49,152 unrelated numbers: 0.0226.
      #expect(abs(product / power) < 5 / Double(first.count).squareRoot())
    }
  }

  // MARK: Blur

  @Test("a flat field stays under every blur, even or by depth, at every level", arguments: blurs)
  func flatField(name: String) throws {
    // DeblurGAN stretches the result, Abuolaim's layers leave seams.
    for (i, severity) in (PublishedDefectsTests.levels + [1]).enumerated() {
      for index in UInt64(0)..<6 {
        let scene = procedural(96, index).scene
        for (code, space) in [(100, Image.Space.linear), (37, .srgb), (0, .linear), (200, .srgb)] {
          let gt = Image(width: 96, height: 96, filledWith: Float(code) / 255)
          let lq = try made(name, severity, gt, scene, index: index + 10 * UInt64(i), space: space)
            .lq
          #expect(lq.bytes.allSatisfy { $0 == code }, "\(name) \(severity) \(index) \(code)")
        }
      }
    }
  }

  @Test("a picture stays where it is: blur moves no centre of light", arguments: blurs)
  func inPlace(name: String) throws {
    // ImageNet-C's motion blur moves the picture by 2 to 11 pixels.
    for index in UInt64(0)..<12 {
      var gt = Image(width: 129, height: 129)
      for c in 0..<3 { gt[64, 64, c] = 0.9 }
      let scene = Scene(width: 129, height: 129)
      let (lq, step) = try made(name, 0.5, gt, scene, index: index)
      // A roll or a zoom bends the path of a place that is not its centre.
      if ["rotation", "zoom"].contains(step.parameters["path"]?.string) { continue }
      var light = lq
      light.pixels = lq.pixels.map { step.space == .srgb ? $0 : Float(linear(Double($0))) }
      var (sum, x, y) = (0.0, 0.0, 0.0)
      for v in 0..<129 {
        for u in 0..<129 {
          let value = Double(light[u, v, 1])
          (sum, x, y) = (sum + value, x + value * Double(u - 64), y + value * Double(v - 64))
        }
      }
      // A copy of fewer pixels has its own grid.
      let limit = name == "resize" ? 0.6 : 0.02
      #expect(
        abs(x / sum) < limit && abs(y / sum) < limit, "\(name) \(index): \(x / sum), \(y / sum)")
    }
  }

  private func linear(_ s: Double) -> Double {
    s <= 0.04045 ? s / 12.92 : ExactMath.pow((s + 0.055) / 1.055, 2.4)
  }

  // MARK: Weather

  @Test("the mean transmission is its target on each of many scenes", arguments: levels)
  func transmission(severity: Double) throws {
    // Solved for each scene, not drawn: what is left is that beta has six decimals.
    for index in UInt64(0)..<24 {
      let (gt, scene) = procedural(64, index)
      let steps = try DegradationChain([("haze", severity)])
        .apply(to: gt, scene: scene, seed: 31, index: index).steps
      let planes = try DegradationChain.planes(
        [.transmission], of: steps, scene: scene, seed: 31, index: index)
      guard case .floats(let t) = try #require(planes.first).values else { return }
      let mean = t.reduce(0) { $0 + Double($1) } / Double(t.count)
      let target = try #require(steps[0].parameters["mean_t"]?.double)
      #expect(abs(mean - target) < 5e-5, "\(mean) for \(target), scene \(index)")
    }
  }

  @Test(
    "coverage, counted in the mask, meets its target on many scenes",
    arguments: ["rain-streak", "snow", "raindrop", "inpainting"], levels)
  func coverage(name: String, severity: Double) throws {
    var errors: [Double] = []
    for index in 0..<UInt64(Effort.repeats(40, proof: 200)) {
      let (gt, scene) = procedural(160, index)
      let step = try made(name, severity, gt, scene, index: index).step
      let found = try counted(step, scene, index)
      let target = try #require(step.parameters["coverage"]?.double)
      // Holes stop within 2 % below, the rest when the target is reached. Above, the last particle is
      // whole: no estimate, but its area; a near flake in motion takes up to 13 % of this picture.
      let largest = name == "snow" ? 0.13 : 0.02 + 0.05 * target
      #expect(found > 0.98 * target - 1e-9 && found < target + largest, "\(found) for \(target)")
      #expect(abs(found - (try #require(step.coverage))) < 1e-3)
      errors.append(found / target - 1)
    }
    let n = Double(errors.count)
    let mean = errors.reduce(0, +) / n
    let variance = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    // Holes stop 1 to 1.5 % below on average; half of the last streak, flake or drop is 3 % of a small
    // target. Beyond, five deviations of the mean of 40 scenes: by Student's law, one false alarm in
    // 80,000 for each of 20 comparisons.
    let five = 5 * (variance / n).squareRoot()
    #expect(mean + five > -0.02 && mean - five < 0.03, "mean error \(mean), limit \(five) more")
  }

  /// The share of pixels that the mask covers: of opacities, those that are seen.
  private func counted(_ step: ChainStep, _ scene: Scene, _ index: UInt64) throws -> Double {
    let planes = try DegradationChain.planes(
      [.mask], of: [step], scene: scene, seed: 31, index: index)
    let count =
      switch try #require(planes.first).values {
      case .floats(let opacity): opacity.count { $0 > 0.02 }
      case .bytes(let hole): hole.count { $0 > 0 }
      }
    return Double(count) / Double(scene.width * scene.height)
  }

  @Test("rain on codes changes nothing but its streaks: the picture under it is not blurred")
  func notBlurredBeforeRain() throws {
    // Outdoor-Rain blurs the input, not the target.
    let (gt, scene) = procedural(96, 3)
    let (lq, step) = try made("rain-streak", 0.3, gt, scene, space: .srgb)
    let planes = try DegradationChain.planes([.mask], of: [step], scene: scene, seed: 31, index: 0)
    guard case .floats(let mask) = try #require(planes.first).values else { return }
    let (a, b) = (gt.bytes, lq.bytes)
    for i in a.indices where mask[i / 3] == 0 { #expect(a[i] == b[i]) }
    #expect(mask.count { $0 == 0 } > mask.count / 2)
  }
}
