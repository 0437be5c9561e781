import Basics
import Images

/// The degradations of one record in the order in which a camera would meet them.
public struct DegradationChain: Sendable {
  /// Who decides the order.
  public enum Order: String, Sendable, CaseIterable {
    /// The order of formation, whatever order the degradations are listed in.
    case formation
    /// The order of the list, to match a published set.
    case given
  }

  /// The streams from this one on belong to chains: sixteen to each degradation.
  public static let firstStream: UInt32 = 1024

  private let ops: [(type: any Degradation.Type, severity: Double, number: Int)]
  private let physics: Image.Space

  /// Creates a chain; degradations of severity 0 are left out.
  ///
  /// - Parameter space: Where physical events are computed: in linear light, or on sRGB codes as most
  ///   published sets did it.
  /// - Parameter form: A published set whose operators, on sRGB codes and in its own order, are used:
  ///   a key of `DegradationCatalog.published`.
  /// - Throws: `Problem` for an unknown name or a severity outside 0...1.
  public init(
    _ ops: [(name: String, severity: Double)], space: Image.Space = .linear,
    order: Order = .formation, form: String? = nil
  ) throws(Problem) {
    let types = try DegradationCatalog.types(form: form)
    var resolved: [(place: Int, type: any Degradation.Type, severity: Double, number: Int)] = []
    for (i, op) in ops.enumerated() {
      let type = try DegradationCatalog.type(named: op.name, among: types)
      guard (0...1).contains(op.severity) else {
        throw Problem("degradation '\(op.name)'", "severity \(op.severity) is outside 0...1")
      }
      if op.severity == 0 { continue }
      let rank = types.firstIndex { $0 == type } ?? 0
      resolved.append((order == .given ? i : rank * 64 + i, type, op.severity, i))
    }
    self.ops = resolved.sorted { $0.place < $1.place }.map { ($0.type, $0.severity, $0.number) }
    physics = form == nil ? space : .srgb
  }

  /// Degrades a picture.
  ///
  /// The result depends on nothing but the arguments: not on threads, order or what ran before.
  ///
  /// - Parameters:
  ///   - gt: An RGB picture on sRGB codes.
  ///   - scene: Its depth, of the same size.
  ///   - seed: The seed of the data set.
  ///   - index: The number of the record.
  /// - Returns: The degraded picture on sRGB codes in 0...1, and what was done to it.
  /// - Precondition: No side is shorter than a degradation's `smallestSide`; the forms with settings
  ///   throw instead.
  public func apply(to gt: Image, scene: Scene, seed: UInt64, index: UInt64)
    -> (lq: Image, steps: [ChainStep])
  {
    let links = numberedLinks(scene: scene, seed: seed, index: index).map(\.link)
    let (image, steps) = Self.run(links, on: gt, scene, seed, index)
    return (image.onCodes(), steps)
  }

  /// Every degradation with its parameters drawn, and its number in the list that the chain was made of.
  func numberedLinks(scene: Scene, seed: UInt64, index: UInt64) -> [(link: Link, number: Int)] {
    ops.enumerated().map { place, op in
      (Link(op.type, op.severity, scene, physics, seed, index, place), op.number)
    }
  }

  /// Degrades a picture again as a record's label says.
  ///
  /// - Throws: `Problem` naming the step or parameter that does not fit, or the degradation that the
  ///   picture is too small for.
  public static func replay(
    _ steps: [ChainStep], on gt: Image, scene: Scene, seed: UInt64, index: UInt64
  ) throws(Problem) -> Image {
    var links: [Link] = []
    for step in steps { links.append(try Link(step)) }
    try check(links, fit: scene)
    return run(links, on: gt, scene, seed, index).image.onCodes()
  }

  /// Runs links on an RGB picture in either space; the result is in the space of the last one.
  static func run(
    _ links: [Link], on gt: consuming Image, _ scene: Scene, _ seed: UInt64, _ index: UInt64
  ) -> (image: Image, steps: [ChainStep]) {
    require(
      gt.channels == 3 && gt.width == scene.width && gt.height == scene.height,
      "DegradationChain: wants a picture of 3 channels, as large as its scene")
    for link in links {
      let refusal = link.refusal(width: scene.width, height: scene.height)
      require(refusal == nil, refusal?.description ?? "")
    }
    var image = gt
    var late: [Link] = []
    var steps: [ChainStep] = []
    let start = RandomStream(seed: seed, index: index)
    for link in links {
      finish(&late, before: link.step.stage, &image, scene, start)
      var step = link.step
      image.convert(to: step.space)
      step.coverage = link.op.apply(to: &image, scene: scene, random: start.substream(step.stream))
      steps.append(step)
      if link.lateStage != nil { late.append(link) }
    }
    finish(&late, before: nil, &image, scene, start)
    return (image, steps)
  }

  /// Runs the second parts due by `stage`, and all of them when it is nil: the noise of a dark scene is
  /// there before the same sensor's colours are made up.
  private static func finish(
    _ late: inout [Link], before stage: Stage?, _ image: inout Image, _ scene: Scene,
    _ start: RandomStream
  ) {
    late.removeAll { link in
      if let stage, let own = link.lateStage, stage < own { return false }
      image.convert(to: link.step.space)
      link.op.applyLate(to: &image, scene: scene, random: start.substream(link.step.stream))
      return true
    }
  }
}

/// A degradation ready to be applied.
struct Link {
  let op: any Degradation
  let step: ChainStep
  var lateStage: Stage? { type(of: op).lateStage }

  init(
    _ type: any Degradation.Type, _ severity: Double, _ scene: Scene, _ physics: Image.Space,
    _ seed: UInt64, _ index: UInt64, _ place: Int
  ) {
    let stream = DegradationChain.firstStream + 16 * UInt32(place)
    var random = RandomStream(seed: seed, index: index, stream: stream)
    let space = type.space(physics: physics)
    op = type.init(severity: severity, scene: scene, space: space, drawing: &random)
    step = ChainStep(
      op: type.name, severity: severity, stage: type.stage, space: space, stream: stream + 1,
      parameters: op.parameters)
  }

  init(_ step: ChainStep) throws(Problem) {
    let published = DegradationCatalog.published[step.parameters["form"]?.string ?? ""]
    let types = published ?? DegradationCatalog.all
    op = try DegradationCatalog.type(named: step.op, among: types)
      .init(parameters: step.parameters)
    self.step = step
  }
}

extension Image {
  /// The picture on sRGB codes in 0...1, not rounded.
  consuming func onCodes() -> Image {
    convert(to: .srgb)
    PixelKernels.clamp(&pixels)
    return self
  }
}
