import Basics
import Degradations
import Images

extension DeadLeaves {
  /// What the pictures of a set show beside plain leaves.
  public struct Style: Sendable, Equatable {
    /// The share of the large leaves that is textured or shaded from colour to colour, 0...1.
    public var textures: Double
    /// The odds of a picture with soft planes before and behind the focus, 0...1.
    public var depthOfField: Double
    /// The odds of a picture with the slight blur of a camera, 0...1.
    public var cameraBlur: Double

    /// Creates a style; everything is on unless said otherwise.
    public init(textures: Double = 1, depthOfField: Double = 0.5, cameraBlur: Double = 0.5) {
      self.textures = textures
      self.depthOfField = depthOfField
      self.cameraBlur = cameraBlur
    }

    /// The members, as recipes and labels write them.
    var json: JSON {
      [
        "textures": .number(textures), "depth_of_field": .number(depthOfField),
        "camera_blur": .number(cameraBlur),
      ]
    }

    /// Reads the members of a label; nil when one is missing or out of range.
    init?(_ json: JSON?) {
      func odds(_ key: String) -> Double? {
        json?[key]?.double.flatMap { (0...1).contains($0) ? $0 : nil }
      }
      guard let textures = odds("textures"), let depthOfField = odds("depth_of_field"),
        let cameraBlur = odds("camera_blur")
      else { return nil }
      self.init(textures: textures, depthOfField: depthOfField, cameraBlur: cameraBlur)
    }
  }

  /// A generated picture with all that is known of it.
  public struct Picture: Sendable {
    /// RGB on sRGB codes that are whole 8-bit steps.
    public let image: Image
    /// The exact depth: that of the leaf which covers most of the pixel.
    public let scene: Scene
    /// The number of that leaf, row by row; a smaller number hides a larger one.
    public let ranks: [Int32]
    /// The radii of the blurs in pixels, for the record's label.
    let blurs: JSON
  }
}
