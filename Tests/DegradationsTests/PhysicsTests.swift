import Basics
import Degradations
import Images
import Testing

/// What each degradation promises about light, geometry and noise.
@Suite("Physics of the degradations") struct PhysicsTests {
  private func made(
    _ name: String, _ severity: Double, _ gt: Image, _ scene: Scene, index: UInt64 = 0,
    space: Image.Space = .linear
  ) throws -> (lq: Image, step: ChainStep) {
    let result = try DegradationChain([(name, severity)], space: space)
      .apply(to: gt, scene: scene, seed: 21, index: index)
    return (result.lq, result.steps[0])
  }

  private func meanCode(_ image: Image) -> Double {
    image.bytes.reduce(0) { $0 + Double($1) } / Double(image.pixels.count)
  }

  // MARK: Haze

  @Test("the mean transmission is the severity's, for any depth map", arguments: [0.1, 0.5, 0.9])
  func meanTransmission(severity: Double) throws {
    // On a black picture the light is A (1 - t), so t can be measured.
    for index in UInt64(0)..<4 {
      let scene = testPicture(80, 60, index: index).scene
      let (lq, step) = try made("haze", severity, Image(width: 80, height: 60), scene, index: index)
      let airlight = try #require(step.parameters["airlight"]?.array?[1].double)
      let t = (0..<80 * 60).reduce(0.0) { sum, i in
        sum + 1 - linear(Double(lq.pixels[3 * i + 1])) / linear(airlight)
      }
      let target = try #require(step.parameters["mean_t"]?.double)
      #expect(abs(t / 4800 - target) < 2e-3)
    }
  }

  @Test("what is far takes the colour of the airlight, what is near stays")
  func hazeFollowsDepth() throws {
    let depth = (0..<64 * 64).map { Float($0 % 64) / 63 }
    let scene = Scene(width: 64, height: 64, depth: depth, depthLabel: [:])
    let gt = Image(width: 64, height: 64, filledWith: 0)
    let results = try (UInt64(0)..<8).map { try made("haze", 0.5, gt, scene, index: $0) }
    let even = results.first { $0.step.parameters["heterogeneity"]?.double == 0 }
    let lq = try #require(even).lq
    for x in 1..<64 { #expect(lq[x, 0, 1] > lq[x - 1, 0, 1]) }
    #expect(lq[0, 0, 1] < 0.01 && lq[63, 0, 1] > 0.5)
  }

  @Test("some haze is even and some is not, and the label says which")
  func heterogeneity() throws {
    let values = try (UInt64(0)..<20).map { index in
      let scene = Scene(width: 8, height: 8)
      let step = try made("haze", 0.5, Image(width: 8, height: 8), scene, index: index).step
      return try #require(step.parameters["heterogeneity"]?.double)
    }
    #expect(values.contains(0) && values.contains { $0 >= 0.1 && $0 <= 0.4 })
  }

  // MARK: Rain

  @Test("streaks cover the share of the severity", arguments: [0.1, 0.5, 0.9])
  func coverage(severity: Double) throws {
    let (gt, scene) = testPicture(160, 160)
    let step = try made("rain-streak", severity, gt, scene).step
    let target = try #require(step.parameters["coverage"]?.double)
    #expect(abs(try #require(step.coverage) - target) < 0.01)
  }

  @Test("coverage is defined on white pictures too, where no streak is seen")
  func coverageOnWhite() throws {
    let gt = Image(width: 128, height: 128, filledWith: 1)
    let step = try made("rain-streak", 0.5, gt, Scene(width: 128, height: 128)).step
    #expect(abs(try #require(step.coverage) - 0.15) < 0.01)
  }

  @Test("streaks lean by the label's angle")
  func angle() throws {
    for index in UInt64(0)..<6 {
      let gt = Image(width: 200, height: 200, filledWith: 0)
      let (lq, step) = try made(
        "rain-streak", 0.5, gt, Scene(width: 200, height: 200), index: index, space: .srgb)
      let label = try #require(step.parameters["angle"]?.double)
      let shift = peakOfCorrelation(lq, rowsApart: 10)
      let measured = ExactMath.atan2(shift, 10) * 180 / .pi
      #expect(abs(measured - label) < 2, "measured \(measured), label \(label)")
    }
  }

  /// How far to the right a picture continues some rows farther down.
  private func peakOfCorrelation(_ image: Image, rowsApart: Int) -> Double {
    let reach = 12
    let sums = (-reach...reach).map { shift in
      (0..<image.height - rowsApart).reduce(0.0) { sum, y in
        (reach..<image.width - reach).reduce(sum) { sum, x in
          sum + Double(image[x, y, 1] * image[x + shift, y + rowsApart, 1])
        }
      }
    }
    let best = max(1, min(sums.indices.max { sums[$0] < sums[$1] } ?? 0, sums.count - 2))
    let (a, b, c) = (sums[best - 1], sums[best], sums[best + 1])
    return Double(best - reach) + (a - c) / (2 * (a - 2 * b + c))
  }

  @Test("rain is hidden by what is nearer")
  func hiddenRain() throws {
    // The left half touches the lens, the right half is far: far layers fall on the right only.
    let depth = (0..<128 * 128).map { Float($0 % 128 < 64 ? 0.01 : 1) }
    let scene = Scene(width: 128, height: 128, depth: depth, depthLabel: [:])
    let gt = Image(width: 128, height: 128, filledWith: 0)
    let lq = try made("rain-streak", 0.7, gt, scene, space: .srgb).lq
    func covered(_ columns: Range<Int>) -> Int {
      columns.reduce(0) { sum, x in sum + (0..<128).count { lq[x, $0, 1] > 0.02 } }
    }
    #expect(covered(64..<128) > 2 * covered(0..<64))
  }

  @Test("rain in linear light never darkens below nor brightens above drop, air and picture")
  func rainIsAMixture() throws {
    let gt = Image(width: 96, height: 96, filledWith: 0.2)
    let (lq, step) = try made("rain-streak", 0.9, gt, Scene(width: 96, height: 96))
    let lights = try ["light", "airlight"].map { key in
      try #require(step.parameters[key]?.array).compactMap(\.double).reduce(0, max)
    }
    let brightest = Float(lights.reduce(0, max))
    #expect(lq.pixels.allSatisfy { $0 >= 0.2 - 1e-5 && $0 <= brightest + 1e-5 })
  }

  // MARK: Motion blur

  @Test("blur kernels sum to 1 and their centroid is 0")
  func centroid() {
    for (length, degrees) in [(3.7, 10.0), (20, 25), (36.5, 117), (0.3, 80)] {
      check(PointSpread(path: linePath(length: length, degrees: degrees)))
    }
    var random = RandomStream(seed: 8)
    for _ in 0..<20 {
      var place = SIMD2<Double>(random.uniform(-9, 9), random.uniform(-9, 9))
      let path = (0..<300).map { _ in
        place += SIMD2(random.normal(), random.normal()) * 0.3
        return place
      }
      check(PointSpread(path: path))
    }
  }

  private func check(_ spread: PointSpread) {
    let sum = spread.weights.reduce(0) { $0 + Double($1) }
    let x = zip(spread.dx, spread.weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    let y = zip(spread.dy, spread.weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(sum - 1) < 1e-6 && abs(x) < 1e-5 && abs(y) < 1e-5)
  }

  @Test("a flat field stays flat under blur", arguments: [0.1, 0.5, 1])
  func flatField(severity: Double) throws {
    let gt = Image(width: 64, height: 48, filledWith: 100 / 255)
    for index in UInt64(0)..<4 {
      let lq = try made("motion-blur", severity, gt, Scene(width: 64, height: 48), index: index).lq
      #expect(lq.bytes.allSatisfy { $0 == 100 })
    }
  }

  @Test("blur keeps the light of a point, its place, and spreads it as far as the label says")
  func pointOfLight() throws {
    for index in UInt64(0)..<16 {
      var gt = Image(width: 256, height: 256)
      // Below the highlights' limit, so that no gain applies.
      for c in 0..<3 { gt[128, 128, c] = 0.9 }
      let (lq, step) = try made(
        "motion-blur", 0.7, gt, Scene(width: 256, height: 256), index: index)
      // A roll or a zoom hardly moves the middle of the picture.
      if ["rotation", "zoom"].contains(step.parameters["path"]?.string) { continue }
      var (sum, x, y, left, right) = (0.0, 0.0, 0.0, 256, 0)
      var (top, bottom) = (256, 0)
      for v in 0..<256 {
        for u in 0..<256 where lq[u, v, 1] > 0 {
          let light = linear(Double(lq[u, v, 1]))
          (sum, x, y) = (sum + light, x + light * Double(u), y + light * Double(v))
          (left, right) = (min(left, u), max(right, u))
          (top, bottom) = (min(top, v), max(bottom, v))
        }
      }
      #expect(abs(sum / linear(0.9) - 1) < 1e-3)
      #expect(abs(x / sum - 128) < 1e-2 && abs(y / sum - 128) < 1e-2)
      let length = try #require(step.parameters["length"]?.double)
      let widest = Double(max(right - left, bottom - top))
      #expect(length == 20 && widest <= 22.5 && widest >= 20 / 2.0.squareRoot() - 1)
    }
  }

  @Test("lengths follow the short side of the picture")
  func lengthsScale() throws {
    for (side, length) in [(64, 5.0), (256, 20), (512, 40)] {
      let scene = Scene(width: side, height: side + 8)
      let gt = Image(width: side, height: side + 8)
      let step = try made("motion-blur", 0.7, gt, scene).step
      #expect(step.parameters["length"]?.double == length)
    }
  }

  // MARK: Low light

  @Test("light falls by the label's stops", arguments: [0.1, 0.5])
  func stops(severity: Double) throws {
    let gt = Image(width: 128, height: 128, filledWith: 0.8)
    let (lq, step) = try made("low-light", severity, gt, Scene(width: 128, height: 128))
    let ev = try #require(step.parameters["ev"]?.double)
    let green = try #require(step.parameters["tint"]?.array?[1].double)
    let mean = (0..<128 * 128).reduce(0.0) { $0 + linear(Double(lq.pixels[3 * $1 + 1])) } / 16384
    #expect(abs(mean / (linear(0.8) * ExactMath.pow(2, -ev) * green) - 1) < 0.02)
  }

  @Test("noise in the dark has the variance shot l + read of the label")
  func shotAndRead() throws {
    let parameters: JSON = [
      "ev": 3.0, "tint": [1.0, 1.0, 1.0], "unevenness": 0.0, "pattern": 0, "shot": 0.0005,
      "read": 4e-6, "bits": 16,
    ]
    let light = try DegradationCatalog.type(named: "low-light").init(parameters: parameters)
    var image = Image(width: 256, height: 256, space: .linear, filledWith: 0.8)
    let scene = Scene(width: 256, height: 256)
    _ = light.apply(to: &image, scene: scene, random: RandomStream(seed: 4))
    light.applyLate(to: &image, scene: scene, random: RandomStream(seed: 4))
    let n = Double(image.pixels.count)
    let mean = image.pixels.reduce(0) { $0 + Double($1) } / n
    let variance = image.pixels.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
    #expect(abs(mean - 0.1) < 1e-4)
    #expect(abs(variance / (0.0005 * 0.1 + 4e-6) - 1) < 0.02)
  }

  @Test("the converter of the sensor leaves 12-bit steps")
  func converter() throws {
    let (gt, scene) = testPicture(64, 64)
    let lq = try made("low-light", 0.5, gt, scene).lq
    for value in lq.pixels {
      let step = linear(Double(value)) * 4095
      #expect(abs(step - step.rounded()) < 0.01)
    }
  }

  private func linear(_ s: Double) -> Double {
    s <= 0.04045 ? s / 12.92 : ExactMath.pow((s + 0.055) / 1.055, 2.4)
  }
}
