import Basics

/// Every degradation that this program can make.
public enum DegradationCatalog {
  /// One line for each type, in order of formation; within a stage, as they are applied.
  public static let all: [any Degradation.Type] = [
    LowLight.self,
    Haze.self,
    RainStreak.self,
    Snow.self,
    Raindrop.self,
    DefocusBlur.self,
    GaussianBlur.self,
    MotionBlur.self,
    Moire.self,
    PoissonNoise.self,
    Mosaic.self,
    CameraNoise.self,
    Resize.self,
    SincBlur.self,
    Jpeg.self,
    SaltPepperNoise.self,
    Inpainting.self,
    GaussianNoise.self,
  ]

  /// The operators of published sets as their authors computed them, in the order of the set.
  ///
  /// Their names are those of the degradations; their labels have the set's name as "form".
  public static let published: [String: [any Degradation.Type]] = [
    "cdd": [CDDLow.self, CDDRain.self, CDDSnow.self, CDDHaze.self]
  ]

  /// Returns the type of that name.
  ///
  /// - Throws: `Problem` with the nearest valid name.
  public static func type(
    named name: String, among types: [any Degradation.Type] = all
  ) throws(Problem) -> any Degradation.Type {
    if let type = types.first(where: { $0.name == name }) { return type }
    throw Problem(
      "degradation '\(name)'", "is unknown", fix: hint(for: name, among: types.map { $0.name }))
  }

  /// Returns the type of that name in a published form, or ours when that is nil.
  ///
  /// - Throws: `Problem` with the nearest valid name.
  public static func type(named name: String, form: String?)
    throws(Problem) -> any Degradation.Type
  {
    try type(named: name, among: try types(form: form))
  }

  /// Returns the types of a published form, or every type when it is nil.
  static func types(form: String?) throws(Problem) -> [any Degradation.Type] {
    guard let form else { return all }
    if let types = published[form] { return types }
    throw Problem(
      "form '\(form)'", "is unknown", fix: hint(for: form, among: published.keys.sorted()))
  }
}
