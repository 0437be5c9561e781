import Basics
import Images

/// Haze and fog: distant things fade into the colour of the sky.
///
/// The extinction is solved for the mean transmission of the severity, so that a level means the same
/// for every depth map.
///
/// - Source: Koschmieder 1924; Li et al. 2019 (RESIDE), which computes it on sRGB codes. Airlight in
///   RESIDE is gray, 0.7 to 1; here it has a slight tint.
struct Haze: Degradation {
  static let name = "haze"
  static let stage = Stage.medium
  static let notes = DegradationNotes(
    summary: "Haze and fog: distant things fade into the colour of the sky.",
    source: "Koschmieder 1924; Li et al. 2019 (RESIDE)",
    severity: "mean transmission 0.85, 0.7, 0.5, 0.35, 0.2",
    parameters: [
      .init(name: "mean_t", range: "0...1", meaning: "the mean transmission beta was solved for"),
      .init(name: "beta", range: "0...100", meaning: "extinction over the greatest depth"),
      .init(name: "airlight", unit: "sRGB", range: "3 x 0...1", meaning: "colour of the haze"),
      .init(name: "heterogeneity", range: "0...1", meaning: "how much the density varies"),
      .init(name: "pattern", range: "0...2^32-1", meaning: "number of the density's field"),
    ])
  private static let meanTransmission = SeverityScale(
    neutral: 1, levels: [0.85, 0.7, 0.5, 0.35, 0.2])

  private let veil: Veil
  /// The mean transmission that beta was solved for.
  private let target: Double

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    target = Haze.meanTransmission(severity).rounded(places: 6)
    let brightness = random.uniform(0.72, 0.97)
    let (warm, green) = (random.normal() * 0.015 - 0.01, random.normal() * 0.005)
    let airlight = [brightness + warm, brightness + green, brightness - warm]
    let heterogeneity = random.chance(0.5) ? random.uniform(0.1, 0.4).rounded(places: 4) : 0
    let pattern = Int(random.next32())
    let optical = Veil.optical(scene, heterogeneity, pattern)
    veil = Veil(
      beta: Veil.beta(forMean: target, optical: optical).rounded(places: 6),
      airlight: airlight.map { min(max($0, 0), 1).rounded(places: 4) },
      heterogeneity: heterogeneity, pattern: pattern)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Haze.name, json: parameters)
    target = try reader.number("mean_t", in: 0...1)
    veil = Veil(
      beta: try reader.number("beta", in: 0...100),
      airlight: try reader.numbers("airlight", count: 3, in: 0...1),
      heterogeneity: try reader.number("heterogeneity", in: 0...1),
      pattern: try reader.whole("pattern", in: 0...Int(UInt32.max)))
  }

  var parameters: JSON {
    [
      "mean_t": .number(target), "beta": .number(veil.beta), "airlight": .numbers(veil.airlight),
      "heterogeneity": .number(veil.heterogeneity), "pattern": .integer(veil.pattern),
    ]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    veil.apply(to: &image, scene)
    return nil
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    kind == .transmission ? Plane(.floats(veil.transmission(scene)), of: scene) : nil
  }
}
