import Basics
import Images

/// Blur of a camera that moves during the exposure.
///
/// l_out = k * l, the sum of k is 1, its centroid 0. The path is a random shake or a straight line; its
/// extent follows the severity. A camera that rolls or zooms, in linear light, blurs each place along a
/// path of its own, of which the longest has that extent. Half the pictures in linear light have
/// highlights 2 to 8 times as bright as white before they are blurred.
struct MotionBlur: Degradation {
  static let name = "motion-blur"
  static let stage = Stage.lens
  static let notes = DegradationNotes(
    summary: "Blur of a camera that moves during the exposure.",
    source: "Boracchi and Foi 2012 for the shake; Rim et al. 2022 (RSBlur) for the highlights",
    severity: "length 4, 8, 13, 20, 31 pixels for a short side of 256",
    parameters: [
      .init(
        name: "path", range: "line, shake, rotation, zoom",
        meaning: "of the camera; the last two drawn in linear light only"),
      .init(
        name: "length", unit: "pixels", range: "0...4096", meaning: "greatest width of the path"),
      .init(name: "gain", range: "1...100", meaning: "how much brighter than white highlights are"),
      .init(
        name: "angle", unit: "degrees", range: "-360...360",
        meaning: "of a line, or of a shake's start"),
      .init(
        name: "centre", unit: "shares of the frame", range: "2 x -4...5",
        meaning: "what a rotation or zoom leaves in place"),
    ] + CameraShake.notes)
  /// The extent in pixels for a short side of 256.
  private static let length = SeverityScale(neutral: 0, levels: [4, 8, 13, 20, 31])

  private enum Path: Equatable {
    case line(angle: Double)
    case shake(CameraShake)
    case radial(RadialBlur.Kind, centre: SIMD2<Double>)

    /// Draws how the camera moves: of a hundred pictures 35 have a line, 45 a shake, 12 a roll and 8 a
    /// zoom; on sRGB codes, as in published sets, 25 a line and 75 a shake.
    init(drawing random: inout RandomStream, _ space: Image.Space) {
      let pick = random.uniform()
      let (lines, shakes, rolls) = space == .linear ? (0.35, 0.8, 0.92) : (0.25, 1, 1)
      if pick < lines {
        self = .line(angle: random.uniform(0, 180).rounded(places: 2))
      } else if pick < shakes {
        self = .shake(CameraShake(drawing: &random))
      } else {
        let centre = SIMD2(random.uniform(0.25, 0.75), random.uniform(0.25, 0.75))
        self = .radial(
          pick < rolls ? .rotation : .zoom,
          centre: SIMD2(centre.x.rounded(places: 4), centre.y.rounded(places: 4)))
      }
    }
  }
  private let path: Path
  /// The greatest width of the path in pixels.
  private let length: Double
  /// How much brighter than white the clipped highlights are taken to be; 1 leaves them.
  private let gain: Double

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    length = (MotionBlur.length(severity) * scene.scale).rounded(places: 4)
    path = Path(drawing: &random, space)
    let bright = random.chance(0.5) ? random.uniform(2, 8).rounded(places: 3) : 1
    gain = space == .linear ? bright : 1
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: MotionBlur.name, json: parameters)
    // Longer paths than any severity gives would only cost memory.
    length = try reader.number("length", in: 0...4096)
    gain = try reader.number("gain", in: 1...100)
    switch parameters["path"]?.string ?? "shake" {
    case "line": path = .line(angle: try reader.number("angle", in: -360...360))
    case "shake": path = .shake(try CameraShake(reader))
    case let name:
      guard let kind = RadialBlur.Kind(rawValue: name) else {
        throw Problem("motion-blur.path", "wants line, shake, rotation or zoom, found \(name)")
      }
      let centre = try reader.numbers("centre", count: 2, in: -4...5)
      path = .radial(kind, centre: SIMD2(centre[0], centre[1]))
    }
  }

  var parameters: JSON {
    let common: [JSON.Member] = [.init("length", .number(length)), .init("gain", .number(gain))]
    switch path {
    case .line(let angle):
      return .object([.init("path", "line")] + common + [.init("angle", .number(angle))])
    case .shake(let shake): return .object([.init("path", "shake")] + common + shake.members)
    case .radial(let kind, let centre):
      return .object(
        [.init("path", .string(kind.rawValue))] + common
          + [.init("centre", .numbers([centre.x, centre.y]))])
    }
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    if gain != 1 { raiseHighlights(of: &image, by: Float(gain)) }
    if case .radial(let kind, let centre) = path {
      RadialBlur(kind: kind, centre: centre, length: length).blur(&image)
    } else {
      spread(random)?.blur(&image)
    }
    PixelKernels.clamp(&image.pixels)
    return nil
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    kind == .kernel ? spread(random).map { Plane($0) } : nil
  }

  /// The kernel of the whole picture; nil where each place has its own.
  private func spread(_ random: RandomStream) -> PointSpread? {
    switch path {
    case .line(let angle): PointSpread(path: linePath(length: length, degrees: angle))
    case .shake(let shake): PointSpread(path: points(of: shake, random: random))
    case .radial: nil
    }
  }

  private func points(of shake: CameraShake, random: RandomStream) -> [SIMD2<Double>] {
    let path = shake.path(random: random)
    let scale = length / max(extent(path), 1e-9)
    return path.map { $0 * scale }
  }
}

/// Returns 201 points on a straight line round the origin; y grows downwards.
package func linePath(length: Double, degrees: Double) -> [SIMD2<Double>] {
  let (s, c) = ExactMath.sincos(degrees * .pi / 180)
  return (0...200).map { SIMD2(c, s) * ((Double($0) / 200 - 0.5) * length) }
}
