import Basics
import Images

/// How a screen is photographed: pose, lens, sensor, and what the screen's own light does.
struct MoireCapture: Sendable, Equatable {
  let pose: ScreenPose
  let layout: ScreenLayout
  let pattern: FilterPattern
  /// Deviation of the anti-alias filter in sensor pixels.
  let filter: Double
  /// The share of the sharpness that the camera costs.
  let softness: Double
  /// The light of a black screen.
  let black: Double
  /// The exposure where it is greatest, for red, green and blue.
  let exposure: [Double]
  /// The share of the light that is lost in the farthest corner.
  let falloff: Double
  /// The brightest place, in shares of width and height.
  let centre: [Double]
  let shot: Double
  let read: Double

  init(rms: Double, drawing random: inout RandomStream) {
    // Level 2 is a whole photograph; below, all that comes with it goes to nothing with the bands.
    let share = min(1, rms / 4)
    layout = [.stripe, .stripe, .delta, .pentile][random.integer(below: 4)]
    pose = ScreenPose(for: layout, drawing: &random)
    pattern = FilterPattern.allCases[random.integer(below: 4)]
    // The lights of pentile lie finer on the sensor: a stronger filter would leave none of them.
    let sharp = layout == .pentile ? (0.2, 0.35) : (0.3, 0.6)
    filter = random.uniform(sharp.0, sharp.1).rounded(places: 4)
    softness = min(1, rms / 8).rounded(places: 4)
    black = (share * random.uniform(0.005, 0.03)).rounded(places: 5)
    let dim = 1 - share * random.uniform(0, 0.15)
    let cold = share * 0.06 * random.normal()
    exposure = [-cold, 0, cold].map { (dim * ExactMath.exp($0)).rounded(places: 4) }
    falloff = (share * random.uniform(0, 0.3)).rounded(places: 4)
    centre = (0..<2).map { _ in random.uniform(0.3, 0.7).rounded(places: 3) }
    shot = (share * 5e-5 * ExactMath.pow(10, random.uniform())).rounded(places: 9)
    let logRead = 2.18 * ExactMath.log(max(shot, 1e-9)) + 1.20 + 0.26 * random.normal()
    read = ExactMath.exp(logRead).rounded(places: 12)
  }

  init(_ reader: ParameterReader) throws(Problem) {
    pose = try ScreenPose(reader)
    layout = try reader.choice("layout")
    pattern = try reader.choice("pattern")
    filter = try reader.number("filter", in: 0...2)
    softness = try reader.number("softness", in: 0...1)
    black = try reader.number("black", in: 0...1)
    exposure = try reader.numbers("exposure", count: 3, in: 0...10)
    falloff = try reader.number("falloff", in: 0...1)
    centre = try reader.numbers("centre", count: 2, in: 0...1)
    shot = try reader.number("shot", in: 0...1)
    read = try reader.number("read", in: 0...1)
  }

  var members: [JSON.Member] {
    pose.members + [
      .init("layout", .string(layout.rawValue)), .init("pattern", .string(pattern.rawValue)),
      .init("filter", .number(filter)), .init("softness", .number(softness)),
      .init("black", .number(black)), .init("exposure", .numbers(exposure)),
      .init("falloff", .number(falloff)), .init("centre", .numbers(centre)),
      .init("shot", .number(shot)), .init("read", .number(read)),
    ]
  }

  /// Photographs a picture in linear light, without bands.
  ///
  /// - Returns: What the bands add, at the strength of the screen's own lights.
  func take(_ image: inout Image, random: RandomStream) -> [Float] {
    var photo = ScreenPhoto(
      pose: pose, layout: layout, pattern: pattern, filter: filter, shot: shot, read: read)
    photo.take(image, random: random)
    var bands = photo.moire
    let soft = Float(softness)
    image.pixels.withUnsafeMutableBufferPointer { p in
      photo.plain.withUnsafeBufferPointer { plain in
        for i in 0..<p.count { p[i] += soft * (plain[i] - p[i]) }
      }
    }
    expose(&image, &bands)
    return bands
  }

  /// Multiplies by the exposure, which falls with the squared distance, and lifts black.
  private func expose(_ image: inout Image, _ bands: inout [Float]) {
    let (w, h) = (image.width, image.height)
    let gain = SIMD3(exposure.map { Float($0 * (1 - black)) })
    let far = centre.map { max($0, 1 - $0) }
    let loss = Float(falloff / (far[0] * far[0] + far[1] * far[1]))
    image.pixels.withUnsafeMutableBufferPointer { p in
      bands.withUnsafeMutableBufferPointer { bands in
        for y in 0..<h {
          let v = (Float(y) + 0.5) / Float(h) - Float(centre[1])
          for x in 0..<w {
            let u = (Float(x) + 0.5) / Float(w) - Float(centre[0])
            let light = 1 - loss * (u * u + v * v)
            for c in 0..<3 {
              let i = 3 * (y * w + x) + c
              p[i] = p[i] * (gain[c] * light) + Float(black)
              bands[i] *= gain[c] * light
            }
          }
        }
      }
    }
  }

  static let notes: [DegradationNotes.Parameter] = [
    .init(
      name: "ratio", unit: "sensor pixels for a screen pixel", range: "0.5...4",
      meaning: "near 2, for pentile near 1, the bands are widest"),
    .init(
      name: "rotation", unit: "degrees", range: "-180...180", meaning: "the camera's turn"),
    .init(name: "tilt", unit: "degrees", range: "-20...20", meaning: "the screen's two turns"),
    .init(name: "distortion", range: "-0.1...0.1", meaning: "of the lens: k of 1 + k r^2"),
    .init(name: "layout", range: "stripe, delta, pentile", meaning: "the lights of a pixel"),
    .init(name: "pattern", range: "rggb, grbg, gbrg, bggr", meaning: "the filters' phase"),
    .init(
      name: "filter", unit: "sensor pixels", range: "0...2",
      meaning: "deviation of the anti-alias filter"),
    .init(name: "softness", range: "0...1", meaning: "share of the camera's loss of sharpness"),
    .init(name: "black", range: "0...1", meaning: "light of a black screen"),
    .init(name: "exposure", range: "0...10", meaning: "gains of red, green and blue"),
    .init(name: "falloff", range: "0...1", meaning: "light lost in the farthest corner"),
    .init(name: "centre", range: "0...1", meaning: "the brightest place, in widths and heights"),
    .init(
      name: "shot", unit: "full scale", range: "0...1",
      meaning: "variance of light l is shot l + read"),
    .init(name: "read", unit: "full scale^2", range: "0...1", meaning: "variance without light"),
  ]
}
