/// The place of a degradation in the order in which a picture forms, from the light to the file.
public enum Stage: Int, Sendable, CaseIterable, Comparable {
  /// Light on the scene: low light.
  case illumination = 1
  /// What is between scene and camera: haze, rain and snow.
  case medium
  /// Window or lens surface: raindrops.
  case glass
  /// Optics and exposure time: defocus, then motion blur.
  case lens
  /// Exposure, colour filters, noise of light and electronics.
  case sensor
  /// The camera's processing up to sRGB codes.
  case isp
  /// What happens to the finished file: resizing, JPEG, noise by convention.
  case file

  /// The name that labels hold.
  public var name: String { String(describing: self) }

  /// Whether `a` comes before `b`.
  public static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
}
