import Basics
import CPixels

/// Where a lens is focused, and how far each point of a scene is from there.
///
/// The blur radius of a thin lens is r |1/z - 1/z_f| over its greatest value in the scene; z is the
/// distance as a share of the greatest: z = near + (1 - near) depth.
struct Focus {
  /// The distance of depth 0 as a share of the distance of depth 1.
  let near: Double
  /// The depth in focus.
  let depth: Double

  /// How far each point is out of focus, from -1 behind it to 1 in front of it, the greatest being 1.
  func confusion(_ scene: Scene) -> [Float] {
    let span = Float(1 - near)
    let focused = 1 / (Float(near) + span * Float(depth))
    var signed = PixelKernels.made(scene.depth.count) {
      PixelKernels.used.defocus($0, scene.depth, $1, Float(near), span, focused)
    }
    let (low, high) = PixelKernels.bounds(signed, within: 0...0)
    let greatest = max(-low, high)
    if greatest > 0 {
      signed.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] /= greatest } }
    }
    return signed
  }

  /// The mean of the confusion's size.
  func meanConfusion(_ scene: Scene) -> Double {
    confusion(scene).reduce(0) { $0 + Double(abs($1)) } / Double(max(scene.depth.count, 1))
  }
}
