/// The text with spaces before it up to a width, one at least, as numbers stand in columns.
public func alignedRight(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(1, width - text.count)) + text
}

/// The text with spaces behind it up to a width, one at least, as names stand in columns.
public func alignedLeft(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

/// A line without the spaces that its last column left behind it.
public func trimmedRight(_ line: String) -> String {
  String(line.reversed().drop { $0 == " " }.reversed())
}

/// A whole number with commas between thousands: "67,888,835".
public func grouped(_ n: Int) -> String {
  let digits = Array(String(n.magnitude))
  let text = digits.indices.map { i in
    (i > 0 && (digits.count - i) % 3 == 0 ? "," : "") + String(digits[i])
  }
  return (n < 0 ? "-" : "") + text.joined()
}

/// A count in three digits or so with the unit of its thousands: "15.8 G".
public func abbreviated(_ n: Int) -> String {
  let units = ["", " k", " M", " G", " T", " P"]
  var (value, power) = (Double(n), 0)
  while value.magnitude >= 999.5, power + 1 < units.count {
    (value, power) = (value / 1000, power + 1)
  }
  let size = value.magnitude
  return fixed(value, power == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2) + units[power]
}
