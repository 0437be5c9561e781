import Basics
import Yams

extension JSON {
  /// The value as YAML, for the resolved recipe that a run folder keeps; a list stays on one line.
  public var yaml: String { lines(indent: 0) }

  private func lines(indent: Int) -> String {
    guard let members = object else { return String(repeating: " ", count: indent) + inline + "\n" }
    return members.map { member in
      let head = String(repeating: " ", count: indent) + member.key + ":"
      guard let inner = member.value.object, !inner.isEmpty else {
        return head + " " + member.value.inline + "\n"
      }
      return head + "\n" + member.value.lines(indent: indent + 2)
    }.joined()
  }

  /// JSON is YAML too; only the blanks after commas are added, for the eye.
  private var inline: String {
    guard let items = array else { return compact }
    return "[" + items.map(\.inline).joined(separator: ", ") + "]"
  }
}

extension JSON {
  /// What a node of a YAML file means; only plain scalars can be more than text.
  init(_ node: Node) {
    switch node {
    case .sequence(let items): self = .array(items.map { JSON($0) })
    case .mapping(let pairs):
      self = .object(pairs.map { JSON.Member($0.key.string ?? "", JSON($0.value)) })
    case .scalar(let scalar):
      self = scalar.style == .plain ? JSON(plain: scalar.string) : .string(scalar.string)
    case .alias: self = .null
    }
  }

  private init(plain text: String) {
    switch text {
    case "true": self = .bool(true)
    case "false": self = .bool(false)
    case "", "~", "null": self = .null
    default: self = Int(text).map { .integer($0) } ?? JSON.decimal(text) ?? .string(text)
    }
  }

  /// "nan", "inf" and hexadecimal floats are words here.
  private static func decimal(_ text: String) -> JSON? {
    guard text.allSatisfy({ "+-.eE0123456789".contains($0) }) else { return nil }
    return Double(text).map { .number($0) }
  }
}
