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
    MotionBlur.self,
    Moire.self,
    PoissonNoise.self,
    Mosaic.self,
    CameraNoise.self,
    Resize.self,
    Jpeg.self,
    SaltPepperNoise.self,
    Inpainting.self,
    GaussianNoise.self,
  ]

  /// Returns the type of that name.
  ///
  /// - Throws: `Problem` with the nearest valid name.
  public static func type(named name: String) throws(Problem) -> any Degradation.Type {
    if let type = all.first(where: { $0.name == name }) { return type }
    throw Problem(
      "degradation '\(name)'", "is unknown", fix: hint(for: name, among: all.map { $0.name }))
  }
}
