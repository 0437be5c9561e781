import Basics
import Degradations

/// A parameter that a recipe takes out of severity's hands: one value, or what it is drawn from.
///
///     set:
///       sigma: 50
///       beta: [1.0, 2.0]
///       electrons: {log: [10, 3000]}
///       quality: {integer: [30, 95]}
///       form: {choice: [bilinear, malvar]}
///       grid: {value: [0, 0]}          # a list of two that is no range
public struct ParameterDraw: Sendable, Equatable {
  private enum Values: Equatable {
    case fixed(JSON)
    case uniform(Double, Double)
    case logarithmic(Double, Double)
    case integer(Int, Int)
    case choice([JSON])
  }

  /// The parameter's name in the label.
  public let name: String
  /// The value as the recipe has it.
  let json: JSON
  private let values: Values

  /// Reads a recipe's value.
  ///
  /// - Returns: nil when it is neither a value nor one of the three kinds of draws.
  init?(_ name: String, _ json: JSON) {
    (self.name, self.json) = (name, json)
    if let pair = ParameterDraw.bounds(json) {
      values = .uniform(pair.0, pair.1)
    } else if let pair = json["log"].flatMap(ParameterDraw.bounds), pair.0 > 0 {
      values = .logarithmic(pair.0, pair.1)
    } else if let pair = json["integer"].flatMap(ParameterDraw.bounds),
      let low = Int(exactly: pair.0), let high = Int(exactly: pair.1)
    {
      values = .integer(low, high)
    } else if let value = json["value"] {
      values = .fixed(value)
    } else if let items = json["choice"]?.array, !items.isEmpty {
      values = .choice(items)
    } else if json.object == nil, json != .null {
      values = .fixed(json)
    } else {
      return nil
    }
  }

  /// Two rising numbers are the bounds of a draw; longer lists, such as colours, are values.
  private static func bounds(_ json: JSON) -> (Double, Double)? {
    guard let items = json.array?.compactMap(\.double), items.count == 2,
      json.array?.count == 2, items[0] <= items[1]
    else { return nil }
    return (items[0], items[1])
  }

  /// Draws the value of a record.
  func drawn(_ random: inout RandomStream) -> JSON.Member {
    switch values {
    case .fixed(let value): .init(name, value)
    case .uniform(let low, let high):
      .init(name, .number(random.uniform(low, high).rounded(places: 6)))
    case .logarithmic(let low, let high):
      .init(name, .number((low * ExactMath.pow(high / low, random.uniform())).rounded(places: 6)))
    case .integer(let low, let high):
      .init(name, .integer(low + random.integer(below: high - low + 1)))
    case .choice(let items): .init(name, items[random.integer(below: items.count)])
    }
  }

  /// Every value of a choice, or ends and inside of a range: what must fit the degradation.
  var samples: [JSON] {
    switch values {
    case .fixed(let value): [value]
    case .uniform(let low, let high), .logarithmic(let low, let high):
      [.number(low), .number(high), .number(low + 0.381966 * (high - low))]
    case .integer(let low, let high): [.integer(low), .integer(high)]
    case .choice(let items): items
    }
  }
}
