import Basics
import Degradations

/// What a class's chain is made of, where its name does not say it.
public enum ChainPlan: Sendable, Equatable {
  /// These links, each with its odds; a link may choose among degradations.
  case links([ChainLink])
  /// Some of these degradations; `odds[i]` are those of i + 1 of them.
  case mixture(from: [String], odds: [Double])

  /// Degradations that exclude each other in a mixture.
  ///
  /// Two noises make one; two blurs, or a blur and JPEG, may meet.
  private static let families = [
    ["gaussian-noise", "poisson-noise", "salt-pepper-noise", "camera-noise", "mosaic"]
  ]

  /// Every degradation that may come up.
  var names: [String] {
    switch self {
    case .links(let links): links.flatMap(\.names)
    case .mixture(let names, _): names
    }
  }

  /// Draws the degradations of a record.
  func drawn(_ random: inout RandomStream) -> [ChainLink.Option] {
    switch self {
    case .links(let links): return links.flatMap { $0.drawn(&random) }
    case .mixture(let names, let odds):
      let length = place(of: random.uniform(), in: odds) + 1
      return ChainPlan.mixture(names, length, &random)
    }
  }

  private static func mixture(_ names: [String], _ length: Int, _ random: inout RandomStream)
    -> [ChainLink.Option]
  {
    var left = names
    var chosen: [String] = []
    while chosen.count < length, !left.isEmpty {
      let name = left.remove(at: random.integer(below: left.count))
      chosen.append(name)
      for family in families where family.contains(name) { left.removeAll(where: family.contains) }
    }
    return chosen.map { ChainLink.Option(name: $0, weight: 1) }
  }
}

/// One place of a chain.
public struct ChainLink: Sendable, Equatable {
  /// A degradation that may stand there, or a chain of its own.
  public struct Option: Sendable, Equatable {
    /// Empty for a chain.
    let name: String
    let weight: Double
    /// Bounds or levels of its own; nil takes those of the class.
    var severities: [Double]?
    var areLevels = false
    var set: [ParameterDraw] = []
    /// What stands there in place of one degradation.
    var links: [ChainLink] = []
  }

  /// How likely the link is there at all.
  let odds: Double
  let options: [Option]

  /// Every degradation that may come up.
  var names: [String] {
    options.flatMap { $0.links.isEmpty ? [$0.name] : $0.links.flatMap(\.names) }
  }

  /// Draws the degradations that stand there: none, one, or those of a chain.
  func drawn(_ random: inout RandomStream) -> [Option] {
    let (there, which) = (random.uniform(), random.uniform())
    guard there < odds else { return [] }
    let option = options[place(of: which, in: options.map(\.weight))]
    return option.links.isEmpty ? [option] : option.links.flatMap { $0.drawn(&random) }
  }
}

/// The place that a number of 0..<1 falls on when the weights share that range.
private func place(of number: Double, in weights: [Double]) -> Int {
  var left = number * weights.reduce(0, +)
  for (i, weight) in weights.enumerated() {
    left -= weight
    if left < 0 { return i }
  }
  return weights.count - 1
}

// MARK: As JSON, for the manifest

extension ChainPlan {
  var json: JSON {
    switch self {
    case .links(let links): ["chain": .array(links.map(\.json))]
    case .mixture(let names, let odds):
      [
        "from": .array(names.map { .string($0) }),
        "lengths": .array(odds.map { .number($0) }),
      ]
    }
  }
}

extension ChainLink {
  var json: JSON {
    if options.count == 1, let option = options.first {
      return .object([.init("odds", .number(odds))] + option.members)
    }
    return [
      "odds": .number(odds),
      "one_of": .array(
        options.map { .object([.init("weight", .number($0.weight))] + $0.members) }),
    ]
  }
}

extension ChainLink.Option {
  fileprivate var members: [JSON.Member] {
    if !links.isEmpty { return [.init("chain", .array(links.map(\.json)))] }
    var members: [JSON.Member] = [.init("op", .string(name))]
    if let severities {
      let values = JSON.array(severities.map { .number($0) })
      members.append(.init(areLevels ? "levels" : "severity", values))
    }
    if !set.isEmpty { members.append(.init("set", .object(set.map { .init($0.name, $0.json) }))) }
    return members
  }
}
