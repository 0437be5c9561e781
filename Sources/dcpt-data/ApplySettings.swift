import Basics
import Degradations
import Images

/// What `--set` and `--space` say.
extension ApplyCommand {
  /// Each parameter to all degradations that have it.
  static func distribute(_ members: [JSON.Member], over names: [String])
    throws(Problem) -> [[JSON.Member]]
  {
    let types = try names.map { name throws(Problem) in try DegradationCatalog.type(named: name) }
    let known = types.map { $0.notes.parameters.map(\.name) }
    for member in members where !known.joined().contains(member.key) {
      throw Problem(
        "parameter '\(member.key)'", "is none of \(names.joined(separator: " or "))",
        fix: hint(for: member.key, among: Array(known.joined())))
    }
    return known.map { names in members.filter { names.contains($0.key) } }
  }

  /// A number, word or list of JSON; anything else is a word.
  static func member(_ text: String) throws(Problem) -> JSON.Member {
    guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
      throw Problem("--set \(text)", "has no value", fix: "write KEY=VALUE, such as sigma=25")
    }
    let value = String(text[text.index(after: sign)...])
    let parsed = try? JSON(parsing: Array(value.utf8), place: "--set")
    return JSON.Member(String(text[..<sign]), parsed ?? .string(value))
  }
}

/// The space that a flag names.
func physics(_ word: String) throws(Problem) -> Image.Space {
  if let space = Image.Space(rawValue: word) { return space }
  throw Problem(
    "--space", "'\(word)' is no space", fix: hint(for: word, among: ["linear", "srgb"]))
}
