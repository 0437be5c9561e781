import Basics
import Yams

/// One mapping of a recipe file, read key by key.
///
/// Every key that is asked for becomes known, with the value that holds in the end (flag, file or
/// default); `finish()` refuses the keys nobody asked for. So the reader of a recipe is its grammar,
/// and the resolved recipe needs no second list of keys.
final class RecipeSection {
  private struct Entry {
    let key: String
    let line: Int
    let value: Node
  }
  private let file: String
  private let path: String
  private let line: Int
  private let entries: [Entry]
  private let overrides: [String: JSON]
  private var known: [(key: String, value: Known)] = []

  private enum Known {
    case value(JSON)
    case section(RecipeSection)
  }

  /// Reads the text of a recipe file; `overrides` holds the values of flags by dotted path.
  convenience init(parsing text: String, file: String, overrides: [String: JSON])
    throws(Problem)
  {
    do {
      let node = try Yams.compose(yaml: text)
      try self.init(node, file: file, path: "", line: 1, overrides: overrides)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw RecipeSection.syntaxProblem(error, file)
    }
  }

  private init(_ node: Node?, file: String, path: String, line: Int, overrides: [String: JSON])
    throws(Problem)
  {
    (self.file, self.path, self.line, self.overrides) = (file, path, line, overrides)
    guard let node, node.tag != Tag(.null) else {
      entries = []
      return
    }
    guard let mapping = node.mapping else {
      throw Problem(
        "\(file):\(node.mark?.line ?? line)",
        path.isEmpty ? "a recipe is a list of 'key: value' lines" : "'\(path)' must hold keys",
        fix: "indent its keys below it, as the recipes in manifests/ do")
    }
    entries = mapping.map {
      Entry(key: $0.key.string ?? "", line: $0.key.mark?.line ?? line, value: $0.value)
    }
  }

  private static func syntaxProblem(_ error: any Error, _ file: String) -> Problem {
    switch error as? YamlError {
    case .scanner(_, let what, let mark, _), .parser(_, let what, let mark, _),
      .composer(_, let what, let mark, _):
      Problem("\(file):\(mark.line)", "is not valid YAML: \(what)")
    case .duplicatedKeysInMapping(let keys, _):
      Problem(file, "key '\(keys.first.map { "\($0)" } ?? "")' stands twice in one place")
    default: Problem(file, "is not valid YAML")
    }
  }

  // MARK: Asking

  /// The section under `key`; empty when the file has none.
  func section(_ key: String) throws(Problem) -> RecipeSection {
    let entry = entries.first { $0.key == key }
    let section = try RecipeSection(
      entry?.value, file: file, path: full(key), line: entry?.line ?? line, overrides: overrides)
    known.append((key, .section(section)))
    return section
  }

  /// Whether the file or a flag gives the key.
  func has(_ key: String) -> Bool {
    overrides[full(key)] != nil || entries.contains { $0.key == key }
  }

  /// A whole number.
  func integer(_ key: String, default standard: Int? = nil, in range: ClosedRange<Int>)
    throws(Problem) -> Int
  {
    let wanted = "a whole number from \(range.lowerBound)" + upper(range.upperBound, Int.max)
    return try value(key, standard.map { .integer($0) }, wanted) { json in
      json.integer.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A number.
  func number(_ key: String, default standard: Double? = nil, in range: ClosedRange<Double>)
    throws(Problem) -> Double
  {
    let wanted = "a number from \(range.lowerBound)" + upper(range.upperBound, .infinity)
    return try value(key, standard.map { .number($0) }, wanted) { json in
      json.double.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// True or false.
  func flag(_ key: String, default standard: Bool) throws(Problem) -> Bool {
    try value(key, .bool(standard), "true or false", \.bool)
  }

  /// A text.
  func text(_ key: String, default standard: String? = nil) throws(Problem) -> String {
    try value(key, standard.map { .string($0) }, "a text", \.string)
  }

  /// A text that may be missing or null.
  func optionalText(_ key: String) throws(Problem) -> String? {
    try value(key, .null, "a text") { json -> String?? in
      json == .null ? .some(nil) : json.string.map { .some($0) }
    }
  }

  /// One of a few words.
  func word(_ key: String, default standard: String? = nil, among words: [String]) throws(Problem)
    -> String
  {
    let wanted = "one of " + words.joined(separator: ", ")
    return try value(key, standard.map { .string($0) }, wanted) { json in
      json.string.flatMap { words.contains($0) ? $0 : nil }
    }
  }

  /// A list of whole numbers.
  func integers(_ key: String, default standard: [Int]? = nil, atLeast low: Int) throws(Problem)
    -> [Int]
  {
    let standard = standard.map { JSON.array($0.map { .integer($0) }) }
    return try value(key, standard, "a list of whole numbers from \(low)") { json in
      let numbers = json.array?.compactMap(\.integer).filter { $0 >= low }
      return numbers.flatMap { $0.count == json.array?.count ? $0 : nil }
    }
  }

  /// A list of numbers; one number alone counts as a list of one.
  func numbers(_ key: String, default standard: [Double]? = nil) throws(Problem) -> [Double] {
    let standard = standard.map { JSON.array($0.map { .number($0) }) }
    return try value(key, standard, "a number or a list of numbers") { json in
      if let number = json.double { return [number] }
      let numbers = json.array?.compactMap(\.double)
      return numbers.flatMap { $0.count == json.array?.count ? $0 : nil }
    }
  }

  private func value<T>(
    _ key: String, _ standard: JSON?, _ wanted: String, _ read: (JSON) -> T?
  ) throws(Problem) -> T {
    let entry = entries.first { $0.key == key }
    guard let json = overrides[full(key)] ?? entry.map({ RecipeSection.json($0.value) }) ?? standard
    else {
      throw Problem("\(file):\(line)", "'\(full(key))' is missing", fix: "give \(wanted)")
    }
    guard let value = read(json) else {
      throw problem(key, "is \(json.compact), not \(wanted)")
    }
    known.append((key, .value(json)))
    return value
  }

  private func upper<T: Comparable & CustomStringConvertible>(_ bound: T, _ none: T) -> String {
    bound < none ? " to \(bound)" : " up"
  }

  /// A problem with the value of one key, at its line.
  func problem(_ key: String, _ what: String, fix: String = "") -> Problem {
    let line = entries.first { $0.key == key }?.line ?? self.line
    let place = overrides[full(key)] == nil ? "\(file):\(line)" : "command line"
    return Problem(place, "'\(full(key))' \(what)", fix: fix)
  }

  // MARK: Closing

  /// Ends the reading of this section and of those inside it.
  ///
  /// - Throws: `Problem` with the line of the first key nobody asked for, and the nearest valid name.
  func finish() throws(Problem) {
    let names = known.map(\.key)
    if let entry = entries.first(where: { !names.contains($0.key) }) {
      throw Problem(
        "\(file):\(entry.line)", "unknown key '\(full(entry.key))'",
        fix: hint(for: entry.key, among: names))
    }
    for case (_, .section(let section)) in known { try section.finish() }
  }

  /// All keys that were asked for, with the values that hold.
  var resolved: JSON {
    .object(
      known.map { key, value in
        switch value {
        case .value(let json): JSON.Member(key, json)
        case .section(let section): JSON.Member(key, section.resolved)
        }
      })
  }

  private func full(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  private static func json(_ node: Node) -> JSON {
    switch node {
    case .sequence(let items): return .array(items.map { json($0) })
    case .mapping(let pairs):
      return .object(pairs.map { JSON.Member($0.key.string ?? "", json($0.value)) })
    case .scalar(let scalar) where scalar.style == .plain: return plain(scalar.string)
    case .scalar(let scalar): return .string(scalar.string)
    case .alias: return .null
    }
  }

  private static func plain(_ text: String) -> JSON {
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "", "~", "null": return .null
    default: break
    }
    if let number = Int(text) { return .integer(number) }
    // "nan", "inf" and hexadecimal floats are words here.
    guard text.allSatisfy({ "+-.eE0123456789".contains($0) }), let number = Double(text) else {
      return .string(text)
    }
    return .number(number)
  }
}
