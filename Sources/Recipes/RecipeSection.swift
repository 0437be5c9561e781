import Basics
import Yams

/// One mapping of a recipe file, read key by key.
///
/// Every key that is asked for becomes known, with the value that holds in the end (flag, file or
/// default); `finish()` refuses the keys nobody asked for. So the reader of a recipe is its grammar,
/// and the resolved recipe needs no second list of keys.
public final class RecipeSection {
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
    case sections([RecipeSection])
    case absent
  }

  /// Reads a recipe file; `overrides` holds the values of flags by dotted path.
  ///
  /// - Throws: `Problem` when it cannot be read or is not YAML.
  public convenience init(reading path: String, overrides: [String: JSON] = [:]) throws(Problem) {
    guard let text = String(validating: try readFile(path), as: UTF8.self) else {
      throw Problem(path, "is not UTF-8 text", fix: "give YAML such as the files in manifests/")
    }
    try self.init(parsing: text, file: path, overrides: overrides)
  }

  /// Reads the text of a recipe file; `overrides` holds the values of flags by dotted path.
  ///
  /// - Throws: `Problem` when it is not YAML.
  public convenience init(parsing text: String, file: String, overrides: [String: JSON] = [:])
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
        path.isEmpty ? "is no list of 'key: value' lines" : "'\(path)' must hold keys",
        fix: "write its keys below it as 'key: value', as the files in manifests/ do")
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
    case .duplicatedKeysInMapping(let keys, let context):
      Problem("\(file):\(context.mark.line)", "key '\(keys.first ?? "")' stands twice in one place")
    default: Problem(file, "is not valid YAML")
    }
  }

  // MARK: Asking

  /// The section under `key`; empty when the file has none.
  public func section(_ key: String) throws(Problem) -> RecipeSection {
    let entry = entries.first { $0.key == key }
    let section = try RecipeSection(
      entry?.value, file: file, path: full(key), line: entry?.line ?? line, overrides: overrides)
    known.append((key, .section(section)))
    return section
  }

  /// The sections of the list under `key`.
  public func sections(_ key: String) throws(Problem) -> [RecipeSection] {
    guard let entry = entries.first(where: { $0.key == key }) else {
      throw missing(key, "a list of sections")
    }
    guard let items = entry.value.sequence else {
      throw problem(key, "is not a list of sections", fix: "begin each with '- '")
    }
    var sections: [RecipeSection] = []
    for (i, item) in items.enumerated() {
      sections.append(
        try RecipeSection(
          item, file: file, path: "\(full(key))[\(i)]", line: item.mark?.line ?? entry.line,
          overrides: overrides))
    }
    known.append((key, .sections(sections)))
    return sections
  }

  /// The keys that the file has here, in its order; for sections whose keys are names.
  public var keys: [String] { entries.map(\.key) }

  /// Whether the file or a flag gives the key.
  public func has(_ key: String) -> Bool {
    overrides[full(key)] != nil || entries.contains { $0.key == key }
  }

  /// Whether a flag gives the key, whatever the file says.
  public func isFlag(_ key: String) -> Bool { overrides[full(key)] != nil }

  /// Makes a key known that may be left out and then has no value.
  ///
  /// - Returns: Whether it is given.
  public func mayHave(_ key: String) -> Bool {
    if has(key) { return true }
    known.append((key, .absent))
    return false
  }

  /// The value of a key, which `read` turns into what was `wanted`; it tells by nil that it cannot.
  func value<T>(
    _ key: String, _ standard: JSON?, _ wanted: String, fix: (JSON) -> String = { _ in "" },
    _ read: (JSON) -> T?
  ) throws(Problem) -> T {
    let entry = entries.first { $0.key == key }
    guard let json = overrides[full(key)] ?? entry.map({ JSON($0.value) }) ?? standard else {
      throw missing(key, wanted)
    }
    guard let value = read(json) else {
      throw problem(key, "is \(json.compact), not \(wanted)", fix: fix(json))
    }
    known.append((key, .value(json)))
    return value
  }

  /// A missing key may be there with a slip in its name, which is unknown only at the end.
  private func missing(_ key: String, _ wanted: String) -> Problem {
    let near = nearestName(to: key, among: keys)
    let slip = entries.first { $0.key == near }.map { "; line \($0.line) says '\($0.key)'" } ?? ""
    return Problem("\(file):\(line)", "'\(full(key))' is missing", fix: "give \(wanted)" + slip)
  }

  /// A problem with the value of one key, at its line.
  public func problem(_ key: String, _ what: String, fix: String = "") -> Problem {
    let line = entries.first { $0.key == key }?.line ?? self.line
    let place = overrides[full(key)] == nil ? "\(file):\(line)" : "command line"
    return Problem(place, "'\(full(key))' \(what)", fix: fix)
  }

  private func full(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  // MARK: Closing

  /// Ends the reading of this section and of those inside it.
  ///
  /// - Throws: `Problem` with the line of the first key nobody asked for, and the nearest valid name.
  public func finish() throws(Problem) {
    let names = known.map(\.key)
    if let entry = entries.first(where: { !names.contains($0.key) }) {
      throw Problem(
        "\(file):\(entry.line)", "unknown key '\(full(entry.key))'",
        fix: hint(for: entry.key, among: names))
    }
    for (_, value) in known {
      switch value {
      case .section(let section): try section.finish()
      case .sections(let sections): for section in sections { try section.finish() }
      case .value, .absent: break
      }
    }
  }

  /// All keys that were asked for, with the values that hold.
  public var resolved: JSON {
    .object(
      known.compactMap { key, value in
        switch value {
        case .value(let json): JSON.Member(key, json)
        case .section(let section): JSON.Member(key, section.resolved)
        case .sections(let sections): JSON.Member(key, .array(sections.map(\.resolved)))
        case .absent: nil
        }
      })
  }
}
