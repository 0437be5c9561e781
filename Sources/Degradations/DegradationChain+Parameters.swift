import Basics
import Images

extension DegradationChain {
  /// Degrades a picture with some parameters replaced by given ones, for trying things out.
  ///
  /// - Parameters:
  ///   - gt: An RGB picture on sRGB codes.
  ///   - scene: Its depth, of the same size.
  ///   - overrides: Parameters by the names of the labels; each must be one of some degradation of
  ///     the chain, and replaces it in all that have it.
  /// - Returns: The degraded picture on sRGB codes in 0...1, and what was done to it.
  /// - Throws: `Problem` naming a parameter that no degradation has, or a value that does not fit.
  public func apply(
    to gt: Image, scene: Scene, seed: UInt64, index: UInt64, replacing overrides: [JSON.Member]
  ) throws(Problem) -> (lq: Image, steps: [ChainStep]) {
    if overrides.isEmpty { return apply(to: gt, scene: scene, seed: seed, index: index) }
    let drawn = links(scene: scene, seed: seed, index: index)
    var changed: [Link] = []
    var known: Set<String> = []
    for link in drawn {
      var parameters = link.step.parameters
      let names = type(of: link.op).notes.parameters.map(\.name)
      known.formUnion(names)
      for member in overrides where names.contains(member.key) {
        parameters[member.key] = member.value
      }
      changed.append(try Link(link.step.with(parameters: parameters)))
    }
    if let stray = overrides.first(where: { !known.contains($0.key) }) {
      throw Problem(
        "parameter '\(stray.key)'", "is none of this degradation",
        fix: hint(for: stray.key, among: known.sorted()))
    }
    return Self.run(changed, on: gt, scene, seed, index)
  }
}
