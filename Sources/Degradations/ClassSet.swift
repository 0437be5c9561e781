import Basics

/// The classes that a set of degraded pictures distinguishes; a class's number is its place.
public struct ClassSet: Sendable, Equatable {
  /// "5d", "10d" ...
  public let name: String
  /// The class names; their numbers are part of the data and never change.
  public let classes: [String]
  /// Whether the names do not say what a chain is made of, so that the recipe has to.
  public var needsChain = false

  /// The places of the label that tells for each single degradation whether it is there.
  ///
  /// Fixed by the record format for every class set.
  public static let places = [
    "camera-noise", "defocus-blur", "gaussian-blur", "gaussian-noise", "haze", "inpainting", "jpeg",
    "low-light", "moire", "mosaic", "motion-blur", "poisson-noise", "rain-streak", "raindrop",
    "salt-pepper-noise", "sinc-blur", "snow", "resize",
  ]

  /// Every class set.
  public static let all = [
    ClassSet(name: "3d", classes: ["haze", "rain-streak", "gaussian-noise"]),
    ClassSet(
      name: "5d", classes: ["haze", "rain-streak", "gaussian-noise", "motion-blur", "low-light"]),
    ClassSet(
      name: "10d",
      classes: [
        "gaussian-noise", "motion-blur", "defocus-blur", "jpeg", "haze", "snow", "rain-streak",
        "mosaic", "low-light", "inpainting",
      ]),
    ClassSet(
      name: "12d",
      classes: [
        "gaussian-noise", "camera-noise", "motion-blur", "defocus-blur", "jpeg", "haze",
        "rain-streak", "snow", "mosaic", "low-light", "moire", "raindrop",
      ]),
    ClassSet(
      name: "cdd-11",
      classes: [
        "low", "haze", "rain", "snow", "low_haze", "low_rain", "low_snow", "haze_rain",
        "haze_snow", "low_haze_rain", "low_haze_snow",
      ]),
    ClassSet(
      name: "uir-19",
      classes: [
        "gaussian-noise", "poisson-noise", "salt-pepper-noise", "camera-noise", "motion-blur",
        "defocus-blur", "gaussian-blur", "jpeg", "mosaic", "haze", "rain-streak", "raindrop",
        "snow", "low-light", "moire", "rain-streak+raindrop", "motion-blur+jpeg",
        "motion-blur+rain-streak", "motion-blur+low-light+gaussian-noise",
      ]),
    // Chains that a recipe makes up; the places of the label tell what is in a record.
    ClassSet(name: "mixed", classes: ["mixed"], needsChain: true),
    ClassSet(name: "real-esrgan", classes: ["real-esrgan"], needsChain: true),
  ]

  /// Returns the class set of that name.
  ///
  /// - Throws: `Problem` with the nearest valid name.
  public static func named(_ name: String) throws(Problem) -> ClassSet {
    if let set = all.first(where: { $0.name == name }) { return set }
    throw Problem("class set '\(name)'", "is unknown", fix: hint(for: name, among: all.map(\.name)))
  }

  /// Returns the number of a class.
  ///
  /// - Throws: `Problem` with the nearest valid name.
  public func number(of name: String) throws(Problem) -> Int {
    if let number = classes.firstIndex(of: name) { return number }
    throw Problem("class '\(name)'", "is not in \(self.name)", fix: hint(for: name, among: classes))
  }

  /// Returns the single degradations of a class: "motion-blur+jpeg" has two.
  public static func degradations(of name: String) -> [String] {
    let short = ["low": "low-light", "rain": "rain-streak"]
    return name.split { $0 == "+" || $0 == "_" }.map { short[String($0)] ?? String($0) }
  }

  /// Returns 1 at the place of each degradation and 0 elsewhere.
  public static func multiHot(_ degradations: [String]) -> [Int] {
    places.map { degradations.contains($0) ? 1 : 0 }
  }
}
