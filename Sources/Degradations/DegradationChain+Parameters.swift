import Basics
import Images

extension DegradationChain {
  /// Degrades a picture as files hold it, with some parameters replaced by given ones.
  ///
  /// - Parameters:
  ///   - gt: The 8-bit codes of an RGB picture as large as its scene.
  ///   - settings: For each degradation, in the order of the list that the chain was made of, the
  ///     parameters to replace, by the names of the labels.
  /// - Returns: The 8-bit codes of the degraded picture, and what was done to it.
  /// - Throws: `Problem` naming a parameter that the degradation does not have, a value that does not
  ///   fit, or a degradation that the picture is too small for.
  public func degrade(
    _ gt: [UInt8], scene: Scene, seed: UInt64, index: UInt64, settings: [[JSON.Member]] = []
  ) throws(Problem) -> (lq: [UInt8], steps: [ChainStep]) {
    let links = try links(scene, seed, index, settings)
    return Self.run(links, onCodes: gt, scene, seed, index)
  }

  /// The same with a picture of floats on sRGB codes, not rounded.
  public func apply(
    to gt: Image, scene: Scene, seed: UInt64, index: UInt64, settings: [[JSON.Member]]
  ) throws(Problem) -> (lq: Image, steps: [ChainStep]) {
    let links = try links(scene, seed, index, settings)
    let (image, steps) = Self.run(links, on: gt, scene, seed, index)
    return (image.onCodes(), steps)
  }

  private func links(
    _ scene: Scene, _ seed: UInt64, _ index: UInt64, _ settings: [[JSON.Member]]
  ) throws(Problem) -> [Link] {
    var links: [Link] = []
    for (link, number) in numberedLinks(scene: scene, seed: seed, index: index) {
      let wanted = number < settings.count ? settings[number] : []
      links.append(wanted.isEmpty ? link : try link.replacing(wanted))
    }
    try Self.check(links, fit: scene)
    return links
  }

  /// Degrades the 8-bit codes of an RGB picture again as a record's label says.
  ///
  /// - Throws: `Problem` naming the step or parameter that does not fit, or the degradation that the
  ///   picture is too small for.
  public static func replay(
    _ steps: [ChainStep], on gt: [UInt8], scene: Scene, seed: UInt64, index: UInt64
  ) throws(Problem) -> [UInt8] {
    var links: [Link] = []
    for step in steps { links.append(try Link(step)) }
    try check(links, fit: scene)
    return run(links, onCodes: gt, scene, seed, index).lq
  }

  /// Codes become light by table where the first link works in light: exact, and a fifth of the time.
  ///
  /// What only a file suffers never leaves its codes.
  private static func run(
    _ links: [Link], onCodes gt: [UInt8], _ scene: Scene, _ seed: UInt64, _ index: UInt64
  ) -> (lq: [UInt8], steps: [ChainStep]) {
    let onCodes = links.compactMap { $0.op as? any CodeDegradation }
    if onCodes.count == links.count {
      var lq = gt
      for op in onCodes { op.apply(to: &lq, width: scene.width, height: scene.height) }
      return (lq, links.map(\.step))
    }
    // Not kept here as well: it would be copied at the first change.
    let (image, steps) = run(
      links,
      on: Image(
        width: scene.width, height: scene.height, bytes: gt, in: links.first?.step.space ?? .srgb),
      scene, seed, index)
    return (image.bytes, steps)
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
