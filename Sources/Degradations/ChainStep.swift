import Basics
import Images

/// One degradation of one record as it was applied: what the record's label says about it.
public struct ChainStep: Sendable, Equatable {
  /// The degradation's name.
  public let op: String
  /// 0...1; what the parameters were resolved for.
  public let severity: Double
  /// Its place in the order of formation.
  public let stage: Stage
  /// The space in which it was applied.
  public let space: Image.Space
  /// The number of its random stream; with the set's seed and the record's index it gives every
  /// random pixel again.
  public let stream: UInt32
  /// Every resolved parameter.
  public let parameters: JSON
  /// The share of covered pixels, measured, where that has a meaning.
  public internal(set) var coverage: Double?

  /// The step as it stands in a record's label.
  public var json: JSON {
    [
      "op": .string(op), "severity": .number(severity), "stage": .string(stage.name),
      "space": .string(space.rawValue), "stream": .integer(Int(stream)), "parameters": parameters,
    ]
  }

  /// Reads a step from a record's label.
  ///
  /// - Throws: `Problem` naming the key that is missing or wrong.
  public init(_ json: JSON) throws(Problem) {
    let reader = ParameterReader(op: "chain", json: json)
    let type = try DegradationCatalog.type(named: json["op"]?.string ?? "")
    guard let space = Image.Space(rawValue: json["space"]?.string ?? "") else {
      throw Problem("chain.space", "wants linear or srgb")
    }
    let stream = try reader.whole("stream", in: 0...Int(UInt32.max))
    self.init(
      op: type.name, severity: try reader.number("severity", in: 0...1), stage: type.stage,
      space: space, stream: UInt32(stream), parameters: json["parameters"] ?? [:])
  }

  /// The same step with other parameters.
  func with(parameters: JSON) -> ChainStep {
    ChainStep(
      op: op, severity: severity, stage: stage, space: space, stream: stream,
      parameters: parameters)
  }

  init(
    op: String, severity: Double, stage: Stage, space: Image.Space, stream: UInt32, parameters: JSON
  ) {
    (self.op, self.severity, self.stage) = (op, severity, stage)
    (self.space, self.stream, self.parameters) = (space, stream, parameters)
  }
}
