import Basics
import Images
import TestSupport
import Testing

@testable import Degradations

/// Labels against what is measured in pictures, with the confidence stated.
///
/// Bounds are five deviations of the measured quantity, which a normal law leaves once in 1.7 million
/// cases; this file makes fewer than 500 such comparisons, so a false alarm for a new set of seeds has
/// a probability below 0.03 %, the angles of rain included, whose deviation is itself estimated. With the
/// seeds given here the outcome is always the same.
@Suite("Labels against measurements") struct LabelStatisticsTests {
  private static let levels = SeverityScale.levelSeverities
  private let side = 256

  /// The parameters that a level gives, with some replaced so that the noise can be seen alone.
  private func label(_ name: String, _ severity: Double, _ set: [JSON.Member] = []) throws -> JSON {
    let (gt, scene) = testPicture(32, 32)
    var parameters = try DegradationChain([(name, severity)])
      .apply(to: gt, scene: scene, seed: 41, index: 7).steps[0].parameters
    for member in set { parameters[member.key] = member.value }
    return parameters
  }

  private func applied(_ name: String, _ parameters: JSON, to value: Float, late: Bool = false)
    throws -> Image
  {
    let op = try DegradationCatalog.type(named: name).init(parameters: parameters)
    var image = Image(width: side, height: side, space: .linear, filledWith: value)
    let scene = Scene(width: side, height: side)
    let random = RandomStream(seed: 43, index: 5, stream: 1025)
    _ = op.apply(to: &image, scene: scene, random: random)
    if late { op.applyLate(to: &image, scene: scene, random: random) }
    return image
  }

  /// Compares mean and variance; `excess` is the excess kurtosis, which widens a variance's own deviation.
  private func check(
    _ values: [Double], mean: Double, variance: Double, excess: Double = 0, _ what: String
  ) {
    let n = Double(values.count)
    let found = values.reduce(0, +) / n
    let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    #expect(abs(found - mean) < 5 * (variance / n).squareRoot(), "\(what): mean \(found)")
    #expect(
      abs(spread / variance - 1) < 5 * ((2 + excess) / n).squareRoot(),
      "\(what): \(spread) for \(variance)")
  }

  private func number(_ label: JSON, _ key: String) throws -> Double {
    try #require(label[key]?.double, "\(key)")
  }

  // MARK: Noise

  @Test("photo-electrons have the variance l / P of the label", arguments: levels, [0.2, 0.3])
  func poisson(severity: Double, level: Double) throws {
    let label = try label("poisson-noise", severity)
    let electrons = try number(label, "electrons")
    let values = try applied("poisson-noise", label, to: Float(level)).pixels.map(Double.init)
    // At 10 electrons and 0.3, white is met once in 3,600 values: 0.1 % of the variance, a tenth of the bound.
    check(
      values, mean: Double(Float(level)), variance: level / electrons,
      excess: 1 / (electrons * level), "\(electrons) electrons")
  }

  @Test("noise in the dark has the variance shot l + read of the label", arguments: levels)
  func lowLight(severity: Double) throws {
    let label = try label("low-light", severity, [.init("unevenness", 0.0), .init("bits", 16)])
    let (shot, read) = (try number(label, "shot"), try number(label, "read"))
    let ev = try number(label, "ev")
    let tint = try #require(label["tint"]?.array).compactMap(\.double)
    // Brighter than white before, so that nothing is cut off at black after.
    let image = try applied(
      "low-light", label, to: Float(0.2 * ExactMath.pow(2, ev)), late: true)
    for c in 0..<3 {
      let values = stride(from: c, to: image.pixels.count, by: 3).map { Double(image.pixels[$0]) }
      let mean = 0.2 * tint[c]
      // The converter's own error is that of a step of 1/65535.
      let step = 1 / (65535.0 * 65535 * 12)
      check(values, mean: mean, variance: shot * mean + read + step, "level \(severity), \(c)")
    }
  }

  @Test("shot noise of a mosaic has the variance shot l of the label", arguments: levels)
  func mosaic(severity: Double) throws {
    let label = try label("mosaic", severity, [.init("form", "zero-filled")])
    let (shot, gains) = (
      try number(label, "shot"), try #require(label["gains"]?.array).compactMap(\.double)
    )
    let name = try #require(label["pattern"]?.string)
    let pattern = try #require(FilterPattern(rawValue: name))
    let image = try applied("mosaic", label, to: 0.3)
    for c in 0..<3 {
      let places = (0..<side * side).filter { pattern.channel(x: $0 % side, y: $0 / side) == c }
      let values = places.map { Double(image.pixels[3 * $0 + c]) }
      if shot == 0 {
        #expect(values.allSatisfy { abs($0 - 0.3) < 1e-6 })
        continue
      }
      let gain = [gains[0], 1, gains[1]][c]
      check(
        values, mean: Double(Float(0.3)), variance: shot * 0.3 * gain, "level \(severity), \(c)")
    }
  }

  @Test(
    "camera noise has the variance shot l + read of the label behind each filter", arguments: levels
  )
  func camera(severity: Double) throws {
    let label = try label(
      "camera-noise", severity,
      [
        .init("gains", [1.0, 1.0, 1.0]), .init("row", 0.0), .init("pattern", "rggb"),
        .init("demosaicing", "bilinear"),
      ])
    let weights = try #require(label["weights"]?.array).compactMap(\.double)
    let camera = CameraPipeline(weights: weights, gains: [1, 1, 1])
    let light: Float = 0.4
    let noise = try CameraNoise(parameters: label)
    var image = Image(width: 512, height: 512, filledWith: CameraPipeline.curve(light))
    _ = noise.apply(
      to: &image, scene: Scene(width: 512, height: 512), random: RandomStream(seed: 44))
    camera.unprocess(&image)
    let values = BayerMosaic(of: image, pattern: .rggb).values.map { Double($0) }
    let wanted = try number(label, "shot") * Double(light) + (try number(label, "read"))
    let n = Double(values.count)
    let found = values.reduce(0) { $0 + ($1 - Double(light)) * ($1 - Double(light)) } / n
    // Five deviations of 262,144 values, 1.4 %, and half a percent for the tables of the curves.
    #expect(abs(found / wanted - 1) < 5 * (2 / n).squareRoot() + 0.005, "\(found) for \(wanted)")
  }

  // MARK: Rain

  @Test(
    "streaks lean by the label's angle, over many labels and in both models",
    arguments: [Image.Space.linear, .srgb])
  func rainAngle(space: Image.Space) throws {
    var errors: [Double] = []
    var (product, square) = (0.0, 0.0)
    let labels = UInt64(Effort.repeats(32, proof: 160))
    for index in 0..<labels {
      let scene = Scene(width: 192, height: 192)
      let steps = try DegradationChain([("rain-streak", 0.5)], space: space)
        .apply(to: Image(width: 192, height: 192), scene: scene, seed: 45, index: index).steps
      let label = try number(steps[0].parameters, "angle")
      let planes = try DegradationChain.planes(
        [.mask], of: steps, scene: scene, seed: 45, index: index)
      guard case .floats(let mask) = try #require(planes.first).values else { continue }
      let angle = leaning(mask, side: 192)
      errors.append(angle - label)
      (product, square) = (product + angle * label, square + label * label)
      // Streaks spread by two degrees. The deviation of one picture is 0.56 degrees, found in the 160 of
      // `make proof`, as if a dozen streaks counted; the limit is five of them.
      #expect(abs(angle - label) < 2.8, "measured \(angle), label \(label)")
    }
    let n = Double(errors.count)
    let mean = errors.reduce(0, +) / n
    let deviation = (errors.reduce(0) { $0 + $1 * $1 } / n).squareRoot()
    // No bias: the mean error is within five of its own deviations. Degrees, not pixels, nor another
    // scale: the line through measured and stated angles has the slope 1 within five of its own. The
    // deviation is that of these 32 errors, so Student's law holds: one false alarm in 46,000.
    #expect(abs(mean) < 5 * deviation / n.squareRoot(), "mean error \(mean)")
    #expect(abs(product / square - 1) < 5 * deviation / square.squareRoot(), "\(product / square)")
    // A deviation found from 32 errors has an eighth of itself as its own: 0.07; the limit is six away.
    #expect(deviation < 1, "\(deviation)")
  }

  /// The direction along which the mask changes least, in degrees from the vertical, to the right going
  /// down: that of the smaller axis of its structure tensor.
  private func leaning(_ mask: [Float], side: Int) -> Double {
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for y in 1..<side - 1 {
      for x in 1..<side - 1 {
        let i = y * side + x
        // Scharr's derivative, which turns with the picture.
        func slope(_ step: Int, _ across: Int) -> Double {
          let near = mask[i + step - across] - mask[i - step - across]
          let far = mask[i + step + across] - mask[i - step + across]
          return Double(3 * near + 10 * (mask[i + step] - mask[i - step]) + 3 * far)
        }
        let (u, v) = (slope(1, side), slope(side, 1))
        (xx, xy, yy) = (xx + u * u, xy + u * v, yy + v * v)
      }
    }
    // The steepest direction is at half this angle from the x axis; streaks are across it.
    return -ExactMath.atan2(2 * xy, xx - yy) / 2 * 180 / .pi
  }
}
