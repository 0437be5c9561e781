import Basics
import Degradations

/// A parameter that a recipe takes out of severity's hands: one value, or what it is drawn from.
///
///     set: {sigma: 50, beta: [1.0, 2.0], scale: {log: [10, 3000]}, quality: {choice: [10, 20, 40]}}
public struct ParameterDraw: Sendable, Equatable {
  private enum Values: Equatable {
    case fixed(JSON)
    case uniform(Double, Double)
    case logarithmic(Double, Double)
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
    case .choice(let items): .init(name, items[random.integer(below: items.count)])
    }
  }

  /// Every value of a choice, or the ends of a range: what must fit the degradation.
  var extremes: [JSON] {
    switch values {
    case .fixed(let value): [value]
    case .uniform(let low, let high), .logarithmic(let low, let high):
      [.number(low), .number(high)]
    case .choice(let items): items
    }
  }
}
