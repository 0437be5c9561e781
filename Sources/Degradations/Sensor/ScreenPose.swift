import Basics

/// How a camera stands before a screen: which place of its sensor sees which place of the screen.
///
/// A plane seen from a distance of twice its longer side, turned and tilted, through a lens with
/// radial distortion: screen place -> homography -> ideal place q = p (1 + k |p|^2) -> sensor place p.
/// Lengths inside are in longer sides of the picture, from its middle.
struct ScreenPose: Sendable, Equatable {
  /// Sensor pixels for each screen pixel, in the middle.
  let ratio: Double
  /// The camera's turn about its axis in degrees.
  let rotation: Double
  /// The screen's turns about its horizontal and its vertical axis in degrees.
  let tilt: [Double]
  /// The lens's k: above 0 a barrel.
  let distortion: Double

  /// Draws a pose in which a layout's lights nearly meet the filters of red and blue, every second
  /// pixel of the sensor: elsewhere the bands are too fine or too weak to be seen.
  init(for layout: ScreenLayout, drawing random: inout RandomStream) {
    let meeting = layout == .pentile ? 1.0 : 2
    ratio = (meeting * random.uniform(0.86, 1.12)).rounded(places: 4)
    rotation = min(max(4 * random.normal(), -10), 10).rounded(places: 3)
    tilt = (0..<2).map { _ in random.uniform(-8, 8).rounded(places: 3) }
    distortion = random.uniform(-0.05, 0.05).rounded(places: 5)
  }

  /// Wider ranges would let the sensor's picture grow without bound.
  init(_ reader: ParameterReader) throws(Problem) {
    ratio = try reader.number("ratio", in: 0.5...4)
    rotation = try reader.number("rotation", in: -180...180)
    tilt = try reader.numbers("tilt", count: 2, in: -20...20)
    distortion = try reader.number("distortion", in: -0.1...0.1)
  }

  var members: [JSON.Member] {
    [
      .init("ratio", .number(ratio)), .init("rotation", .number(rotation)),
      .init("tilt", .numbers(tilt)), .init("distortion", .number(distortion)),
    ]
  }
}

/// A pose worked out for one screen: places to and fro.
struct ScreenView {
  /// The direction to the right and downwards of the sensor, one quarter screen pixel long, in sensor
  /// pixels.
  let quarter: (right: SIMD2<Double>, down: SIMD2<Double>)
  private let side: Double
  private let middle: SIMD2<Double>
  private let ratio: Double
  private let distortion: Double
  private let forward: Homography
  private let backward: Homography

  /// - Parameters:
  ///   - width: Screen pixels in a row.
  ///   - height: Rows.
  init(_ pose: ScreenPose, width: Int, height: Int) {
    side = Double(max(width, height))
    middle = SIMD2(Double(width), Double(height)) / 2
    ratio = pose.ratio
    distortion = pose.distortion
    forward = Homography(pose)
    backward = forward.inverse
    let (s, c) = ExactMath.sincos(pose.rotation * .pi / 180)
    quarter = (SIMD2(c, s) * (ratio / 4), SIMD2(-s, c) * (ratio / 4))
  }

  /// Returns the screen place, in pixels from the upper left corner, that a sensor place sees.
  ///
  /// - Parameter place: In sensor pixels from the middle.
  @inline(__always)
  func screen(fromSensor place: SIMD2<Double>) -> SIMD2<Double> {
    let p = place / (side * ratio)
    return backward(p * (1 + distortion * (p * p).sum())) * side + middle
  }

  /// Returns the sensor place that sees a screen place: the inverse of the other.
  func sensor(fromScreen place: SIMD2<Double>) -> SIMD2<Double> {
    let ideal = forward((place - middle) / side)
    var p = ideal
    // Each turn makes the error smaller by 2 k |p|^2, ten times or more.
    for _ in 0..<5 { p = ideal / (1 + distortion * (p * p).sum()) }
    return p * (side * ratio)
  }
}

/// A projective map of the plane; the middle stays.
private struct Homography {
  let x: SIMD3<Double>
  let y: SIMD3<Double>
  let w: SIMD3<Double>

  init(_ pose: ScreenPose) {
    let (sa, ca) = ExactMath.sincos(pose.tilt[0] * .pi / 180)
    let (sb, cb) = ExactMath.sincos(pose.tilt[1] * .pi / 180)
    let (s, c) = ExactMath.sincos(pose.rotation * .pi / 180)
    x = SIMD3(c * cb, c * sa * sb - s * ca, 0)
    y = SIMD3(s * cb, s * sa * sb + c * ca, 0)
    w = SIMD3(-sb / 2, sa * cb / 2, 1)
  }

  private init(x: SIMD3<Double>, y: SIMD3<Double>, w: SIMD3<Double>) {
    (self.x, self.y, self.w) = (x, y, w)
  }

  /// The map back, up to a factor, which does not matter.
  var inverse: Homography {
    // The last column of x and of y is 0.
    Homography(
      x: SIMD3(y.y, -x.y, 0), y: SIMD3(-y.x, x.x, 0),
      w: SIMD3(y.x * w.y - y.y * w.x, x.y * w.x - x.x * w.y, x.x * y.y - x.y * y.x))
  }

  @inline(__always)
  func callAsFunction(_ p: SIMD2<Double>) -> SIMD2<Double> {
    let scale = w.x * p.x + w.y * p.y + w.z
    return SIMD2(x.x * p.x + x.y * p.y, y.x * p.x + y.y * p.y) / scale
  }
}
