import Basics
import Degradations

/// Where the depth of photographs comes from.
public enum DepthPlan: Sendable, Equatable {
  /// Made up to follow the picture's edges.
  case procedural
  /// One depth for every pixel, 0 near to 1 far.
  case constant(Double)
  /// Maps beside the photographs.
  case given(GivenDepth)
}

/// Maps that are given for photographs.
public struct GivenDepth: Sendable, Equatable {
  /// What is done with a photograph that has no map.
  public enum Missing: String, Sendable, CaseIterable {
    /// It is set aside.
    case refuse
    /// Its depth is made up.
    case procedural
  }

  /// The folders of the maps, one for each clean folder, in their order.
  public var folders: [String]
  /// What the values of all maps mean.
  public var encoding: DepthEncoding
  /// What is done with a photograph that has no map.
  public var missing: Missing
}

extension DepthPlan {
  /// The plan as the manifest keeps it; nil for procedural depth, which goes without saying.
  var json: JSON? {
    switch self {
    case .procedural: nil
    case .constant(let depth): ["kind": "constant", "value": .number(depth)]
    case .given(let given):
      [
        "kind": "given", "folders": .array(given.folders.map { .string(lastName(of: $0)) }),
        "missing": .string(given.missing.rawValue), "encoding": given.encoding.json(),
      ]
    }
  }
}
