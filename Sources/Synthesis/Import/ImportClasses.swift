import Basics
import Degradations

/// The classes of an imported set: those of a class set, those that a user lists, or those that occur.
enum ImportClasses {
  /// The classes that `--classes` names: a class set, or names with commas; nil without it.
  ///
  /// - Throws: `Problem` for an unknown set, and for a list with an empty name or one twice.
  static func named(_ text: String?) throws(Problem) -> [String]? {
    guard let text else { return nil }
    guard text.contains(",") else { return try ClassSet.named(text).classes }
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for (i, name) in names.enumerated() {
      guard isName(name) else {
        throw Problem(
          "--classes", "'\(name)' is no class name", fix: "write names with commas: haze,snow,rain")
      }
      guard !names[..<i].contains(name) else {
        throw Problem(
          "--classes", "names '\(name)' twice", fix: "the place of a name is its number")
      }
    }
    return names
  }

  /// The classes of a set whose pairs have those that were found.
  ///
  /// - Throws: `Problem` when one is not among those that `text` names.
  static func list(_ text: String?, found: [String]) throws(Problem) -> [String] {
    let found = Set(found).sorted()
    guard let names = try named(text) else { return found }
    if let other = found.first(where: { !names.contains($0) }) {
      throw Problem(
        "class '\(other)'", "is not in \(text ?? "")", fix: hint(for: other, among: names))
    }
    return names
  }

  /// Whether a text can be a class: something to see, on one line, with nothing on either side.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 100 && text.trimmed == text
      && text.unicodeScalars.allSatisfy { $0.value > 31 }
  }
}
