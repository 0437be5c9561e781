import Basics
import Degradations

/// The fine structure that all leaves of a picture share, each seen turned, stretched and shifted.
struct Grain {
  static let side = 128
  let values: [Float]

  init(random: RandomStream) {
    values =
      FractalField(
        width: Grain.side, height: Grain.side, cells: 4, octaves: 5, hurst: 0.35, random: random
      ).values.map { min(max($0, -2.5), 2.5) }
  }

  /// Folds any coordinate into the tile, mirrored at its edges so that no seam shows.
  @inline(__always)
  static func place(_ x: Float) -> Int {
    let i = Int(x.rounded(.down)) & (2 * side - 1)
    return i < side ? i : 2 * side - 1 - i
  }
}
