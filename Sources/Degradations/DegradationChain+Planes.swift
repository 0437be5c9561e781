import Basics

extension DegradationChain {
  /// Makes the planes of a record from its label.
  ///
  /// - Parameters:
  ///   - kinds: Those wanted; what a degradation does not have is left out.
  ///   - steps: What was done to the picture.
  ///   - scene: Its depth.
  /// - Returns: The scene's planes, then those of each step, named like "haze-transmission"; a second
  ///   one of a name is "gaussian-blur-kernel-2".
  /// - Throws: `Problem` naming the step or parameter that does not fit.
  public static func planes(
    _ kinds: [Plane.Kind], of steps: [ChainStep], scene: Scene, seed: UInt64, index: UInt64
  ) throws(Problem) -> [Plane] {
    var planes = kinds.compactMap { scene.plane($0) }
    if kinds.isEmpty { return planes }
    let start = RandomStream(seed: seed, index: index)
    var counts: [String: Int] = [:]
    for step in steps {
      let op = try Link(step).op
      for kind in kinds {
        let random = start.substream(step.stream)
        guard var plane = op.plane(kind, scene: scene, random: random) else { continue }
        let name = "\(step.op)-\(kind.rawValue)"
        let number = counts[name, default: 0] + 1
        counts[name] = number
        plane.name = number == 1 ? name : "\(name)-\(number)"
        planes.append(plane)
      }
    }
    return planes
  }
}
