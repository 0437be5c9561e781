import Basics

/// What a degradation knows about the picture beside its pixels: its size and how far things are.
public struct Scene: Sendable, Equatable {
  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  /// Distance from the camera for each pixel, row by row: 0 near, 1 far.
  public let depth: [Float]
  /// How the depth came about, for the record's label.
  public let depthLabel: JSON

  /// Creates a scene from a depth map.
  public init(width: Int, height: Int, depth: [Float], depthLabel: JSON) {
    require(
      depth.count == width * height, "Scene: \(depth.count) depths for \(width)x\(height) pixels")
    (self.width, self.height, self.depth, self.depthLabel) = (width, height, depth, depthLabel)
  }

  /// Creates a scene at one distance: haze becomes an even veil.
  public init(width: Int, height: Int, depth: Double = 1) {
    self.init(
      width: width, height: height, depth: [Float](repeating: Float(depth), count: width * height),
      depthLabel: ["kind": "constant", "depth": .number(depth)])
  }

  /// The factor for lengths in pixels, which are given for a short side of 256.
  public var scale: Double { Double(min(width, height)) / 256 }
}
