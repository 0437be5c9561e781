import Basics
import Images

/// Reads the parameters of a label, naming what is missing or out of range.
struct ParameterReader {
  let op: String
  let json: JSON

  func number(_ key: String, in range: ClosedRange<Double>) throws(Problem) -> Double {
    try number(json[key], key, range)
  }

  func whole(_ key: String, in range: ClosedRange<Int>) throws(Problem) -> Int {
    guard let value = json[key]?.integer, range.contains(value) else {
      throw wrong(key, "a whole number in \(range)")
    }
    return value
  }

  func wholes(_ key: String, count: Int, in range: ClosedRange<Int>) throws(Problem) -> [Int] {
    let values = json[key]?.array?.compactMap(\.integer) ?? []
    guard values.count == count, values.allSatisfy(range.contains) else {
      throw wrong(key, "a list of \(count) whole numbers in \(range)")
    }
    return values
  }

  func odd(_ key: String, in range: ClosedRange<Int>) throws(Problem) -> Int {
    let value = try whole(key, in: range)
    if value % 2 == 0 { throw wrong(key, "an odd number") }
    return value
  }

  func truth(_ key: String) throws(Problem) -> Bool {
    guard let value = json[key]?.bool else { throw wrong(key, "true or false") }
    return value
  }

  func numbers(_ key: String, count: Int, in range: ClosedRange<Double>) throws(Problem) -> [Double]
  {
    guard let values = json[key]?.array, values.count == count else {
      throw wrong(key, "a list of \(count) numbers")
    }
    var out: [Double] = []
    for value in values { out.append(try number(value, key, range)) }
    return out
  }

  func choice<T: RawRepresentable & CaseIterable>(_ key: String) throws(Problem) -> T
  where T.RawValue == String {
    guard let text = json[key]?.string, let value = T(rawValue: text) else {
      throw wrong(key, "one of " + T.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  private func number(_ value: JSON?, _ key: String, _ range: ClosedRange<Double>) throws(Problem)
    -> Double
  {
    guard let number = value?.double, range.contains(number) else {
      throw wrong(key, "a number in \(range)")
    }
    return number
  }

  private func wrong(_ key: String, _ wanted: String) -> Problem {
    let found = json[key]?.compact ?? "nothing"
    return Problem("\(op).\(key)", "wants \(wanted), found \(found)")
  }
}

extension Double {
  /// The number with a few decimals only, so that labels are short; it, not the longer one, is used.
  package func rounded(places: Int) -> Double {
    let scale = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12][places]
    return (self * scale).rounded() / scale
  }
}

extension JSON {
  /// A list of numbers.
  static func numbers(_ values: [Double]) -> JSON { .array(values.map { .number($0) }) }
}
