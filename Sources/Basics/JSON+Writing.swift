extension JSON {
  /// One line without blanks, keys in their own order.
  public var compact: String {
    var out = ""
    write(to: &out, indent: nil, sorted: false)
    return out
  }

  /// One line without blanks, keys sorted: the form of which a digest is taken.
  public var canonical: String {
    var out = ""
    write(to: &out, indent: nil, sorted: true)
    return out
  }

  /// Indented by two, keys in their own order, for people; ends with a line feed.
  public var pretty: String {
    var out = ""
    write(to: &out, indent: 0, sorted: false)
    return out + "\n"
  }

  private func write(to out: inout String, indent: Int?, sorted: Bool) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .integer(let value): out += String(value)
    case .number(let value): out += value.isFinite ? value.description : "null"
    case .string(let value): JSON.quote(value, to: &out)
    case .array(let values):
      JSON.list(values, "[", "]", to: &out, indent) { value, out, inner in
        value.write(to: &out, indent: inner, sorted: sorted)
      }
    case .object(let members):
      let ordered =
        sorted
        ? members.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
        : members
      JSON.list(ordered, "{", "}", to: &out, indent) { member, out, inner in
        JSON.quote(member.key, to: &out)
        out += indent == nil ? ":" : ": "
        member.value.write(to: &out, indent: inner, sorted: sorted)
      }
    }
  }

  private static func list<T>(
    _ items: [T], _ open: String, _ close: String, to out: inout String, _ indent: Int?,
    _ write: (T, inout String, Int?) -> Void
  ) {
    out += open
    for (i, item) in items.enumerated() {
      if i > 0 { out += "," }
      if let indent { out += "\n" + String(repeating: " ", count: indent + 2) }
      write(item, &out, indent.map { $0 + 2 })
    }
    if let indent, !items.isEmpty { out += "\n" + String(repeating: " ", count: indent) }
    out += close
  }

  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for c in text.unicodeScalars {
      switch c {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where c.value < 0x20:
        let digits = String(c.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(c)
      }
    }
    out += "\""
  }
}
