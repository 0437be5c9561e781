/// A mistake in the user's files, flags or recipes: says where, what, and what to do about it.
///
/// Printed as `where: what` and an indented line with the fix. Commands end with exit status 1.
public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, flag or recipe key at fault, with an offset or line where one is known.
  public let place: String
  /// What is wrong, in lower case, with both sides of a mismatch.
  public let what: String
  /// What the user can do; may be empty.
  public let fix: String

  /// Creates a problem from its three sentences.
  public init(_ place: String, _ what: String, fix: String = "") {
    self.place = place
    self.what = what
    self.fix = fix
  }

  /// The sentences as commands print them.
  public var description: String {
    fix.isEmpty ? "\(place): \(what)" : "\(place): \(what)\n  \(fix)"
  }
}
