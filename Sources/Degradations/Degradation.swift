import Basics
import Images

/// One kind of damage with every parameter resolved: a value is its own label.
///
/// A new degradation is one file with a type like this and one line in `DegradationCatalog`.
public protocol Degradation: Sendable {
  /// The name in recipes, labels and class sets: "gaussian-noise".
  static var name: String { get }

  /// The place in the order of formation.
  static var stage: Stage { get }

  /// The stage at which `applyLate` runs, when the degradation has a second part.
  ///
  /// Low light dims the scene, but its noise arises in the sensor, behind the lens.
  static var lateStage: Stage? { get }

  /// The shortest side in pixels of a picture that it can degrade; chains refuse smaller ones.
  static var smallestSide: Int { get }

  /// What it does, for people who choose one.
  static var notes: DegradationNotes { get }

  /// Resolves every parameter for a severity above 0, up to 1.
  ///
  /// - Parameter space: The space in which `apply` will see the picture.
  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream)

  /// Creates the degradation again from its label.
  ///
  /// - Throws: `Problem` naming the parameter that is missing or out of range.
  init(parameters: JSON) throws(Problem)

  /// Every parameter, for the label.
  var parameters: JSON { get }

  /// Degrades an RGB picture in the space it is in.
  ///
  /// - Parameter random: The stream of this degradation in this record; it and the next fourteen
  ///   streams are free to use.
  /// - Returns: The share of covered pixels, where that has a meaning.
  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double?

  /// Degrades the picture a second time, after all that happens before `lateStage` is over.
  func applyLate(to image: inout Image, scene: Scene, random: RandomStream)

  /// A map of what `apply` does with the same scene and stream; nil when there is none of the kind.
  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane?
}

/// A degradation that files suffer: 8-bit codes in, 8-bit codes out, with nothing drawn and no cover.
protocol CodeDegradation: Degradation {
  /// Degrades the codes of an RGB picture; `apply(to:scene:random:)` does the same to one of floats.
  func apply(to codes: inout [UInt8], width: Int, height: Int)
}

extension Degradation {
  /// No second part, unless the degradation says otherwise.
  public static var lateStage: Stage? { nil }

  /// Any picture will do, unless the degradation says otherwise.
  public static var smallestSide: Int { 1 }

  /// Nothing, unless the degradation says otherwise.
  public func applyLate(to image: inout Image, scene: Scene, random: RandomStream) {}

  /// No planes, unless the degradation says otherwise.
  public func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? { nil }

  /// The space in which the degradation works when physics is computed in `physics`.
  ///
  /// Events in front of the camera's processing act on light, or on sRGB codes when published sets
  /// are to be matched; events that happen to the finished file always act on codes.
  public static func space(physics: Image.Space) -> Image.Space {
    stage >= .isp ? .srgb : physics
  }
}
