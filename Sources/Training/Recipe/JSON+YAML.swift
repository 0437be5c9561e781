import Basics

extension JSON {
  /// The value as YAML, for the resolved recipe that a run folder keeps; a list stays on one line.
  var yaml: String { lines(indent: 0) }

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
