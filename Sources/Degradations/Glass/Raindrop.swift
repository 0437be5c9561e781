import Basics
import Images

/// Drops of rain on the window or lens in front of the camera.
///
/// I = (1 - a) J + a (k R + h): the opacity a has the soft edge of a thing out of focus, R is the
/// picture seen through the drop, small and upside down, k darkens the rim, h is the reflection of the
/// bright sky. What a drop hides is lost: nothing of J shines through its middle.
///
/// 820 pictures of 256x256 a second at level 3, 1,080 on sRGB codes.
///
/// - Source: Qian et al. 2018 for the mask model; Roser and Geiger 2009 for the refraction of a cap.
struct Raindrop: Degradation {
  static let name = "raindrop"
  static let stage = Stage.glass
  static let notes = DegradationNotes(
    summary: "Drops of rain on the glass: out of focus, showing the picture small and inverted.",
    source: "Qian et al. 2018 for the model; Roser and Geiger 2009 for the refraction",
    severity: "coverage 2, 5, 10, 18, 30 % of the pixels",
    parameters: [
      .init(name: "coverage", range: "0...1", meaning: "share of pixels that drops cover"),
      .init(name: "radius", unit: "pixels", range: "0.001...512", meaning: "median of the drops"),
      .init(name: "spread", range: "0...2", meaning: "deviation of the radii's logarithm"),
      .init(name: "merged", range: "0...1", meaning: "share of drops made of several"),
      .init(name: "defocus", unit: "pixels", range: "0...256", meaning: "blur of the edges"),
      .init(
        name: "contact", unit: "degrees", range: "1...60", meaning: "angle of the water at its edge"
      ),
      .init(
        name: "distance", unit: "pixels", range: "0...65536",
        meaning: "of the scene behind the pane; how far drops look aside"),
      .init(name: "rim", range: "0...1", meaning: "darkening of the rim"),
      .init(name: "highlight", range: "0...4", meaning: "brightness of the reflected sky"),
      .init(name: "lamp", unit: "degrees", range: "-180...180", meaning: "its side, 0 is above"),
    ])
  private static let coverage = SeverityScale(
    neutral: 0, levels: [0.02, 0.05, 0.10, 0.18, 0.30])

  /// The share of pixels that drops cover.
  private let coverage: Double
  private let shape: DropShape
  private let contact: Double
  private let distance: Double
  private let rim: Double
  private let highlight: Double
  private let lamp: Double

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    let scale = scene.scale
    coverage = Raindrop.coverage(severity).rounded(places: 6)
    shape = DropShape(
      radius: max(random.uniform(4.5, 9) * scale, 0.001).rounded(places: 3),
      spread: random.uniform(0.35, 0.6).rounded(places: 4),
      merged: random.uniform(0.15, 0.5).rounded(places: 4),
      defocus: (random.uniform(0.8, 3.2) * scale).rounded(places: 3))
    contact = random.uniform(32, 46).rounded(places: 2)
    distance = (random.uniform(220, 420) * scale).rounded(places: 2)
    rim = random.uniform(0.25, 0.6).rounded(places: 4)
    highlight = random.uniform(0.2, 0.8).rounded(places: 4)
    lamp = random.uniform(-60, 60).rounded(places: 2)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Raindrop.name, json: parameters)
    coverage = try reader.number("coverage", in: 0...1)
    shape = DropShape(
      radius: try reader.number("radius", in: 0.001...512),
      spread: try reader.number("spread", in: 0...2),
      merged: try reader.number("merged", in: 0...1),
      defocus: try reader.number("defocus", in: 0...256))
    contact = try reader.number("contact", in: 1...60)
    distance = try reader.number("distance", in: 0...65536)
    rim = try reader.number("rim", in: 0...1)
    highlight = try reader.number("highlight", in: 0...4)
    lamp = try reader.number("lamp", in: -180...180)
  }

  var parameters: JSON {
    [
      "coverage": .number(coverage), "radius": .number(shape.radius),
      "spread": .number(shape.spread), "merged": .number(shape.merged),
      "defocus": .number(shape.defocus), "contact": .number(contact),
      "distance": .number(distance), "rim": .number(rim), "highlight": .number(highlight),
      "lamp": .number(lamp),
    ]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let field = DropField(
      shape, covering: coverage, width: image.width, height: image.height, random: random)
    let lens = DropLens(
      image, edge: ExactMath.sin(contact * .pi / 180), distance: distance, blur: shape.defocus)
    let (s, c) = ExactMath.sincos(lamp * .pi / 180)
    let shine = SIMD2(Float(s), Float(-c)) * 0.55
    for i in field.opacity.indices where field.opacity[i] > 0 {
      let place = field.places[i]
      let seen = lens.colour(x: i % image.width, y: i / image.width, place)
      let colour = shaded(seen, place, shine)
      let a = field.opacity[i]
      for k in 0..<3 {
        image.pixels[3 * i + k] += (colour[k] - image.pixels[3 * i + k]) * a
      }
    }
    PixelKernels.clamp(&image.pixels)
    return field.coverage
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    guard kind == .mask else { return nil }
    let field = DropField(
      shape, covering: coverage, width: scene.width, height: scene.height, random: random)
    return Plane(.floats(field.opacity), of: scene)
  }

  /// Darkens the rim, where the water reflects and scatters, and lights the side of the lamp.
  private func shaded(
    _ seen: SIMD4<Float>, _ place: DropField.Place, _ shine: SIMD2<Float>
  ) -> SIMD4<Float> {
    let edge = min(max((place.relative - 0.55) / 0.45, 0), 1)
    let off = SIMD2(place.slopeX, place.slopeY) / place.field - shine
    let spot = max(1 - (off.x * off.x + off.y * off.y) * 14, 0)
    let light = Float(highlight) * spot * spot
    return seen * (1 - Float(rim) * edge * edge) + light
  }
}
