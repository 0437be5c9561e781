import Basics

/// The path of a shaken camera during the exposure.
///
/// A particle of constant speed is pushed by random accelerations, pulled back to where it started,
/// and now and then thrown backwards; the exposure sees the first part of its way.
///
/// - Source: Boracchi and Foi 2012, with the numbers of the generator of DeblurGAN.
struct CameraShake: Sendable, Equatable {
  /// How strongly all accelerations act, 0.003 calm to 0.01 nervous.
  var nervousness: Double
  /// Size of the random pushes.
  var push: Double
  /// Size of the pull towards the start.
  var pull: Double
  /// The odds of a throw, per step and nervousness.
  var impulse: Double
  /// The part of the way that the exposure sees.
  var exposure: Double
  /// The first direction in degrees, to the right and downwards positive.
  var angle: Double

  static let notes: [DegradationNotes.Parameter] = [
    .init(name: "nervousness", range: "0...1", meaning: "of a shake: strength of accelerations"),
    .init(name: "push", range: "0...100", meaning: "of a shake: size of the random pushes"),
    .init(name: "pull", range: "0...100", meaning: "of a shake: pull towards the start"),
    .init(name: "impulse", range: "0...1", meaning: "of a shake: odds of a throw backwards"),
    .init(name: "exposure", range: "0.001...1", meaning: "of a shake: the part of it that is seen"),
  ]
  private static let steps = 2000
  private static let stepLength = 60.0 / 1999

  init(drawing random: inout RandomStream) {
    nervousness = [0.003, 0.005, 0.007, 0.008, 0.009, 0.01][random.integer(below: 6)]
    push = (10 * random.uniform()).rounded(places: 4)
    pull = (0.7 * random.uniform()).rounded(places: 4)
    impulse = (0.2 * random.uniform()).rounded(places: 4)
    exposure = [0.1, 0.5, 1][random.integer(below: 3)]
    angle = random.uniform(0, 360).rounded(places: 2)
  }

  init(_ reader: ParameterReader) throws(Problem) {
    nervousness = try reader.number("nervousness", in: 0...1)
    push = try reader.number("push", in: 0...100)
    pull = try reader.number("pull", in: 0...100)
    impulse = try reader.number("impulse", in: 0...1)
    exposure = try reader.number("exposure", in: 0.001...1)
    angle = try reader.number("angle", in: -360...360)
  }

  var members: [JSON.Member] {
    [
      .init("nervousness", .number(nervousness)), .init("push", .number(push)),
      .init("pull", .number(pull)), .init("impulse", .number(impulse)),
      .init("exposure", .number(exposure)), .init("angle", .number(angle)),
    ]
  }

  /// Walks the path; its length is as it falls, the caller scales it.
  func path(random: RandomStream) -> [SIMD2<Double>] {
    let count = max(2, Int(exposure * Double(CameraShake.steps)))
    var pushes = [Float](repeating: 0, count: 2 * count)
    PixelKernels.addNoise(&pushes, shot: 0, read: 1, random: random)
    var throwing = random.substream(random.stream + 1)
    let (s, c) = ExactMath.sincos(angle * .pi / 180)
    var velocity = SIMD2(c, s) * CameraShake.stepLength
    var place = SIMD2<Double>(0, 0)
    return (0..<count).map { i in
      defer {
        let random = SIMD2(Double(pushes[2 * i]), Double(pushes[2 * i + 1])) * push
        velocity += (random - place * pull) * (nervousness * CameraShake.stepLength)
        if throwing.chance(impulse * nervousness) { velocity += thrownBack(velocity, &throwing) }
        velocity *= CameraShake.stepLength / max((velocity * velocity).sum().squareRoot(), 1e-12)
        place += velocity
      }
      return place
    }
  }

  /// Twice the velocity, turned round by half a turn give or take half a radian.
  private func thrownBack(_ velocity: SIMD2<Double>, _ random: inout RandomStream) -> SIMD2<Double>
  {
    let (s, c) = ExactMath.sincos(.pi + random.uniform(-0.5, 0.5))
    return 2 * SIMD2(velocity.x * c - velocity.y * s, velocity.x * s + velocity.y * c)
  }
}

/// Returns the greatest width of a path over 32 directions, within half a percent of its diameter.
func extent(_ path: [SIMD2<Double>]) -> Double {
  (0..<32).reduce(0.0) { widest, i in
    let (s, c) = ExactMath.sincos(.pi * Double(i) / 32)
    var (low, high) = (Double.infinity, -Double.infinity)
    for point in path {
      let along = point.x * c + point.y * s
      low = min(low, along)
      high = max(high, along)
    }
    return max(widest, high - low)
  }
}
