import Basics
import Images

extension DegradationChain {
  /// Degrades a picture with some parameters replaced by given ones.
  ///
  /// - Parameters:
  ///   - gt: An RGB picture on sRGB codes.
  ///   - scene: Its depth, of the same size.
  ///   - settings: For each degradation, in the order of the list that the chain was made of, the
  ///     parameters to replace, by the names of the labels.
  /// - Returns: The degraded picture on sRGB codes in 0...1, and what was done to it.
  /// - Throws: `Problem` naming a parameter that the degradation does not have, or a value that does
  ///   not fit.
  public func apply(
    to gt: Image, scene: Scene, seed: UInt64, index: UInt64, settings: [[JSON.Member]]
  ) throws(Problem) -> (lq: Image, steps: [ChainStep]) {
    var links: [Link] = []
    for (link, number) in numberedLinks(scene: scene, seed: seed, index: index) {
      let wanted = settings[number]
      links.append(wanted.isEmpty ? link : try link.replacing(wanted))
    }
    return Self.run(links, on: gt, scene, seed, index)
  }
}

extension Link {
  /// The same degradation with other values of some parameters.
  fileprivate func replacing(_ settings: [JSON.Member]) throws(Problem) -> Link {
    let names = type(of: op).notes.parameters.map(\.name)
    var parameters = step.parameters
    for member in settings {
      guard names.contains(member.key) else {
        throw Problem(
          "parameter '\(member.key)'", "is none of \(step.op)",
          fix: hint(for: member.key, among: names))
      }
      parameters[member.key] = member.value
    }
    return try Link(step.with(parameters: parameters))
  }
}
