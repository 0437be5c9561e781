import Basics

/// The kinds of values that recipes have.
///
/// Each is asked for with the default and the range that hold; a value that does not fit is a
/// `Problem` with its line, the key, the value and what was wanted.
extension RecipeSection {
  /// A whole number.
  public func integer(_ key: String, default standard: Int? = nil, in range: ClosedRange<Int>)
    throws(Problem) -> Int
  {
    let wanted = "a whole number from \(range.lowerBound)" + upper(range.upperBound, Int.max)
    return try value(key, standard.map { .integer($0) }, wanted) { json in
      json.integer.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A whole number, or a word in its place.
  ///
  /// - Returns: nil for the word.
  public func integer(_ key: String, in range: ClosedRange<Int>, orWord word: String)
    throws(Problem) -> Int?
  {
    let wanted =
      "a whole number from \(range.lowerBound)" + upper(range.upperBound, Int.max) + " or \(word)"
    return try value(key, nil, wanted) { json -> Int?? in
      if json.string == word { return .some(nil) }
      guard let number = json.integer, range.contains(number) else { return nil }
      return .some(number)
    }
  }

  /// A number.
  public func number(_ key: String, default standard: Double? = nil, in range: ClosedRange<Double>)
    throws(Problem) -> Double
  {
    let wanted = "a number from \(range.lowerBound)" + upper(range.upperBound, .infinity)
    return try value(key, standard.map { .number($0) }, wanted) { json in
      json.double.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A number that may be missing or null.
  public func optionalNumber(_ key: String, from least: Double? = nil) throws(Problem) -> Double? {
    let wanted = "a number" + (least.map { " from \($0) up" } ?? "")
    return try value(key, .null, wanted) { json -> Double?? in
      if json == .null { return .some(nil) }
      guard let number = json.double, number >= least ?? number else { return nil }
      return number
    }
  }

  /// True or false.
  public func flag(_ key: String, default standard: Bool) throws(Problem) -> Bool {
    try value(key, .bool(standard), "true or false", \.bool)
  }

  /// A text.
  public func text(_ key: String, default standard: String? = nil) throws(Problem) -> String {
    try value(key, standard.map { .string($0) }, "a text", fix: quotes, \.string)
  }

  /// A text that may be missing or null.
  public func optionalText(_ key: String) throws(Problem) -> String? {
    try value(key, .null, "a text", fix: quotes) { json -> String?? in
      json == .null ? .some(nil) : json.string.map { .some($0) }
    }
  }

  /// A list of texts.
  public func texts(_ key: String, default standard: [String]? = nil) throws(Problem) -> [String] {
    let standard = standard.map { JSON.array($0.map { .string($0) }) }
    let example = { (_: JSON) in "for example: \(key): [\"first\", \"second\"]" }
    return try value(key, standard, "a list of texts", fix: example) { whole($0, \.string) }
  }

  /// One of a few words.
  public func word(_ key: String, default standard: String? = nil, among words: [String])
    throws(Problem) -> String
  {
    let wanted = "one of " + words.joined(separator: ", ")
    let nearest = { (json: JSON) in
      json.string.flatMap { nearestName(to: $0, among: words) }.map { "did you mean '\($0)'?" }
        ?? ""
    }
    return try value(key, standard.map { .string($0) }, wanted, fix: nearest) { json in
      json.string.flatMap { words.contains($0) ? $0 : nil }
    }
  }

  /// One of the cases of an enumeration, by its word.
  public func choice<T: RawRepresentable & CaseIterable>(_ key: String, default standard: T? = nil)
    throws(Problem) -> T where T.RawValue == String
  {
    let wanted = "one of " + T.allCases.map(\.rawValue).joined(separator: ", ")
    let name = try word(key, default: standard?.rawValue, among: T.allCases.map(\.rawValue))
    guard let choice = T(rawValue: name) else { throw problem(key, "is not \(wanted)") }
    return choice
  }

  /// A list of whole numbers.
  public func integers(_ key: String, default standard: [Int]? = nil, atLeast low: Int)
    throws(Problem) -> [Int]
  {
    let standard = standard.map { JSON.array($0.map { .integer($0) }) }
    return try value(key, standard, "a list of whole numbers from \(low)") { json in
      whole(json) { item in item.integer.flatMap { $0 >= low ? $0 : nil } }
    }
  }

  /// A list of numbers; one number alone counts as a list of one.
  public func numbers(_ key: String, default standard: [Double]? = nil) throws(Problem) -> [Double]
  {
    let standard = standard.map { JSON.array($0.map { .number($0) }) }
    return try value(key, standard, "a number or a list of numbers") { json in
      json.double.map { [$0] } ?? whole(json, \.double)
    }
  }

  /// A list of one number or more within `range` in rising order; nil when it is not given.
  public func risingNumbers(_ key: String, in range: ClosedRange<Double>) throws(Problem)
    -> [Double]?
  {
    guard mayHave(key) else { return nil }
    let wanted =
      "a rising list of numbers from \(range.lowerBound)" + upper(range.upperBound, .infinity)
    let example = { (_: JSON) in "for example: \(key): [\(range.lowerBound), \(range.upperBound)]" }
    return try value(key, nil, wanted, fix: example) { json in
      guard let numbers = whole(json, \.double), !numbers.isEmpty, numbers == numbers.sorted(),
        numbers.allSatisfy(range.contains)
      else { return nil }
      return numbers
    }
  }

  /// A value of any kind.
  public func json(_ key: String) throws(Problem) -> JSON {
    try value(key, nil, "a value") { $0 }
  }

  /// A list of values of any kind.
  public func list(_ key: String) throws(Problem) -> [JSON] {
    try value(key, nil, "a list", \.array)
  }

  /// All items of a list, nil when one does not fit.
  private func whole<T>(_ json: JSON, _ read: (JSON) -> T?) -> [T]? {
    let items = json.array?.compactMap(read)
    return items?.count == json.array?.count ? items : nil
  }

  private func quotes(_ json: JSON) -> String {
    json.double == nil && json.bool == nil ? "" : "put it in quotes"
  }

  private func upper<T: Comparable & CustomStringConvertible>(_ bound: T, _ none: T) -> String {
    bound < none ? " to \(bound)" : " up"
  }
}
