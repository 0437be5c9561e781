extension JSON {
  /// One line without blanks, keys in their own order.
  public var compact: String { JSON.text(of: self, indent: nil, sorted: false) }

  /// One line without blanks, keys sorted: the form of which a digest is taken.
  public var canonical: String { JSON.text(of: self, indent: nil, sorted: true) }

  /// Indented by two, keys in their own order, for people; ends with a line feed.
  public var pretty: String { JSON.text(of: self, indent: 0, sorted: false) + "\n" }

  private static func text(of value: JSON, indent: Int?, sorted: Bool) -> String {
    var writer = Writer(sorted: sorted)
    writer.write(value, indent)
    return String(decoding: writer.out, as: UTF8.self)
  }

  /// Collects bytes, not characters: a manifest of ten thousand shards is written and digested whenever it
  /// is opened.
  private struct Writer {
    let sorted: Bool
    var out: [UInt8] = []

    mutating func write(_ value: JSON, _ indent: Int?) {
      switch value {
      case .null: put("null")
      case .bool(let value): put(value ? "true" : "false")
      case .integer(let value): put(String(value))
      case .number(let value): put(value.isFinite ? value.description : "null")
      case .string(let value): quote(value)
      case .array(let values):
        list(values, "[", "]", indent) { writer, value, inner in writer.write(value, inner) }
      case .object(let members):
        list(sorted ? JSON.sorted(members) : members, "{", "}", indent) { writer, member, inner in
          writer.quote(member.key)
          writer.put(indent == nil ? ":" : ": ")
          writer.write(member.value, inner)
        }
      }
    }

    private mutating func list<T>(
      _ items: [T], _ open: String, _ close: String, _ indent: Int?,
      _ write: (inout Writer, T, Int?) -> Void
    ) {
      put(open)
      var isFirst = true
      for item in items {
        if !isFirst { put(",") }
        isFirst = false
        if let indent { newLine(indent + 2) }
        write(&self, item, indent.map { $0 + 2 })
      }
      if let indent, !items.isEmpty { newLine(indent) }
      put(close)
    }

    private mutating func newLine(_ blanks: Int) {
      out.append(UInt8(ascii: "\n"))
      out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: blanks))
    }

    private mutating func put(_ text: String) { out.append(contentsOf: text.utf8) }

    private mutating func quote(_ text: String) {
      out.append(UInt8(ascii: "\""))
      // Hardly any text has something to escape.
      if text.utf8.allSatisfy({ $0 >= 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
      {
        put(text)
      } else {
        for byte in text.utf8 { escape(byte) }
      }
      out.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
      switch byte {
      case UInt8(ascii: "\""): put("\\\"")
      case UInt8(ascii: "\\"): put("\\\\")
      case UInt8(ascii: "\n"): put("\\n")
      case UInt8(ascii: "\r"): put("\\r")
      case UInt8(ascii: "\t"): put("\\t")
      case ..<32:
        let digits = String(byte, radix: 16)
        put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
      default: out.append(byte)
      }
    }
  }

  private static func sorted(_ members: [Member]) -> [Member] {
    members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}
