/// A path with stars, such as `train/*/blur/*`, without the file's extension.
///
/// A star stands for at least one character other than a slash, and takes as few as it can, so that
/// `*_*` splits `0001_0.8_0.2` after its first part.
struct PathPattern: Equatable {
  let text: String
  private let parts: [[Character]]

  init(_ text: String) {
    self.text = text
    parts = text.split(separator: "*", omittingEmptySubsequences: false).map(Array.init)
  }

  /// What the stars stand for; nil when the path is of another form.
  func captures(in path: String) -> [String]? {
    let path = Array(path)
    guard path.starts(with: parts[0]) else { return nil }
    return captures(path, from: parts[0].count, part: 1)
  }

  /// Captures from `start` on, where star number `part` begins.
  private func captures(_ path: [Character], from start: Int, part: Int) -> [String]? {
    guard part < parts.count else { return start == path.count ? [] : nil }
    let text = parts[part]
    var end = start
    while end < path.count, path[end] != "/" {
      end += 1
      guard path[end...].starts(with: text) else { continue }
      if let rest = captures(path, from: end + text.count, part: part + 1) {
        return [String(path[start..<end])] + rest
      }
    }
    return nil
  }

  /// The path that a template becomes when `{1}`, `{2}` and so on are what the stars stand for.
  static func filled(_ template: String, with captures: [String]) -> String {
    captures.enumerated().reduce(template) {
      $0.replacing("{\($1.offset + 1)}", with: $1.element)
    }
  }

  /// The pattern of all paths that a template can become.
  static func any(_ template: String) -> PathPattern {
    PathPattern((1...9).reduce(template) { $0.replacing("{\($1)}", with: "*") })
  }
}
