import Basics

/// A map that explains a degraded picture: what was hidden, how far one sees, where light went.
///
/// Planes are made on request only, from the label, the scene and the streams: the way to the
/// pictures knows nothing of them.
public struct Plane: Sendable, Equatable {
  /// What a plane holds.
  public enum Kind: String, Sendable, CaseIterable {
    /// What hides the picture: 255 where it is lost and 0 elsewhere (inpainting), or an opacity.
    ///
    /// Streaks that are added, on sRGB codes, have the sum of their opacities.
    case mask
    /// The share of a place's light that gets through haze, or through the veil of rain and snow.
    case transmission
    /// The radius of defocus of each pixel, in pixels.
    case radius
    /// Where a point's light goes: shares on a square of odd side with the point in its middle.
    case kernel
    /// The light that falls on each place; its mean is 1.
    case illumination
    /// The distance of the scene: 0 near, 1 far.
    case depth
  }

  /// The numbers, row by row.
  public enum Values: Sendable, Equatable {
    case bytes([UInt8])
    case floats([Float])
  }

  /// The degradation and the kind, as in "haze-transmission"; of the scene, the kind alone.
  public internal(set) var name = ""
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The numbers.
  public let values: Values

  /// A map of the size of its scene.
  init(_ values: Values, of scene: Scene) {
    self.init(values, width: scene.width, height: scene.height)
  }

  /// A blur kernel.
  init(_ grid: SpreadGrid) {
    self.init(.floats(grid.weights.map { Float($0) }), width: grid.side, height: grid.side)
  }

  /// A blur kernel.
  init(_ spread: PointSpread) {
    let (r, side) = (spread.radius, 2 * spread.radius + 1)
    var grid = [Float](repeating: 0, count: side * side)
    for (i, weight) in spread.weights.enumerated() {
      grid[(spread.dy[i] + r) * side + spread.dx[i] + r] = weight
    }
    self.init(.floats(grid), width: side, height: side)
  }

  private init(_ values: Values, width: Int, height: Int) {
    (self.width, self.height, self.values) = (width, height, values)
  }
}

extension Plane.Kind {
  /// Reads a list of names; the order does not matter.
  ///
  /// - Throws: `Problem` at `place` with the nearest valid name.
  public static func list(_ names: [String], place: String) throws(Problem) -> [Plane.Kind] {
    for name in names where Plane.Kind(rawValue: name) == nil {
      throw Problem(
        place, "names '\(name)', which is no plane",
        fix: hint(for: name, among: allCases.map(\.rawValue)))
    }
    return allCases.filter { names.contains($0.rawValue) }
  }
}

extension Scene {
  /// The planes that belong to the scene, not to a degradation.
  func plane(_ kind: Plane.Kind) -> Plane? {
    guard kind == .depth else { return nil }
    var plane = Plane(.floats(depth), of: self)
    plane.name = kind.rawValue
    return plane
  }
}
