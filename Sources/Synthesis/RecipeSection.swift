import Basics
import Yams

/// A mapping of a YAML file whose keys are all known: anything else is named with its line.
struct RecipeSection {
  let place: String
  /// The keys down to this mapping, for messages: `clean.`.
  private let path: String
  private let node: Node?
  private let values: [String: Node]

  /// Reads the whole file.
  init(file: String, keys: [String]) throws(Problem) {
    let bytes = try readFile(file)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(file, "is not UTF-8 text", fix: "give a recipe in YAML")
    }
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch { throw RecipeSection.problem(error, file) }
    try self.init(node, file, "", keys)
  }

  private init(_ node: Node?, _ place: String, _ path: String, _ keys: [String]) throws(Problem) {
    (self.place, self.path, self.node) = (place, path, node)
    var values: [String: Node] = [:]
    if let node, node.null == nil {
      guard let mapping = node.mapping else {
        throw Problem(RecipeSection.line(place, node), "'\(path)' must be a list of 'key: value'")
      }
      for (key, value) in mapping {
        let name = key.string ?? ""
        guard keys.contains(name) else {
          throw Problem(
            RecipeSection.line(place, key), "unknown key '\(path)\(name)'",
            fix: hint(for: name, among: keys))
        }
        guard values.updateValue(value, forKey: name) == nil else {
          throw Problem(RecipeSection.line(place, key), "key '\(path)\(name)' is there twice")
        }
      }
    }
    self.values = values
  }

  /// A problem with the value of a key.
  func problem(_ key: String, _ what: String, fix: String = "") -> Problem {
    let place = (values[key] ?? node).map { RecipeSection.line(self.place, $0) } ?? self.place
    return Problem(place, "\(path)\(key) \(what)", fix: fix)
  }

  func has(_ key: String) -> Bool { values[key] != nil }

  func section(_ key: String, keys: [String]) throws(Problem) -> RecipeSection {
    try RecipeSection(values[key], place, path + key + ".", keys)
  }

  func text(_ key: String, default value: String? = nil) throws(Problem) -> String {
    guard let node = values[key] else {
      guard let value else { throw problem(key, "is missing") }
      return value
    }
    guard let text = node.scalar?.string else { throw problem(key, "must be a text") }
    return text
  }

  func integer(_ key: String, default value: Int, in range: ClosedRange<Int>) throws(Problem) -> Int
  {
    guard let node = values[key] else { return value }
    guard let number = node.int, range.contains(number) else {
      throw problem(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func number(_ key: String, default value: Double, in range: ClosedRange<Double>) throws(Problem)
    -> Double
  {
    guard let node = values[key] else { return value }
    guard let number = node.float, range.contains(number) else {
      throw problem(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func truth(_ key: String, default value: Bool) throws(Problem) -> Bool {
    guard let node = values[key] else { return value }
    guard let truth = node.bool else { throw problem(key, "must be true or false") }
    return truth
  }

  /// Numbers within `range`, in rising order.
  func numbers(_ key: String, in range: ClosedRange<Double>) throws(Problem) -> [Double]? {
    guard let node = values[key] else { return nil }
    let numbers = node.sequence?.compactMap(\.float) ?? []
    guard !numbers.isEmpty, numbers.count == node.sequence?.count, numbers == numbers.sorted(),
      numbers.allSatisfy(range.contains)
    else {
      throw problem(
        key, "must be a rising list of numbers from \(range.lowerBound) to \(range.upperBound)",
        fix: "for example: \(key): [0.1, 0.9]")
    }
    return numbers
  }

  func texts(_ key: String) throws(Problem) -> [String] {
    guard let node = values[key] else { return [] }
    let texts = node.sequence?.compactMap(\.string) ?? []
    guard texts.count == node.sequence?.count else { throw problem(key, "must be a list of texts") }
    return texts
  }

  func choice<T: RawRepresentable & CaseIterable>(_ key: String, default value: T)
    throws(Problem) -> T where T.RawValue == String
  {
    guard has(key) else { return value }
    let name = try text(key)
    guard let choice = T(rawValue: name) else {
      throw problem(
        key, "'\(name)' is unknown", fix: hint(for: name, among: T.allCases.map(\.rawValue)))
    }
    return choice
  }

  private static func line(_ place: String, _ node: Node) -> String {
    node.mark.map { "\(place):\($0.line)" } ?? place
  }

  private static func problem(_ error: any Error, _ file: String) -> Problem {
    guard let error = error as? YamlError else { return Problem(file, "is not YAML: \(error)") }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return Problem("\(file):\(mark.line)", "is not YAML: \(problem)")
    default: return Problem(file, "is not YAML")
    }
  }
}
