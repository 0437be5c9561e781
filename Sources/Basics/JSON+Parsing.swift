extension JSON {
  /// Reads one JSON value that fills `bytes` (blanks around it are allowed).
  ///
  /// - Parameter place: Where the bytes come from, for the message.
  /// - Throws: `Problem` with the byte offset of the first character that cannot stand there.
  public init(parsing bytes: some Collection<UInt8>, place: String) throws(Problem) {
    let result =
      bytes.withContiguousStorageIfAvailable { JSON.result(of: $0, place) }
      ?? Array(bytes).withUnsafeBufferPointer { JSON.result(of: $0, place) }
    self = try result.get()
  }

  private static func result(of bytes: UnsafeBufferPointer<UInt8>, _ place: String)
    -> Result<JSON, Problem>
  {
    var parser = Parser(bytes: bytes, place: place)
    do throws(Problem) { return .success(try parser.document()) } catch { return .failure(error) }
  }

  private struct Parser {
    let bytes: UnsafeBufferPointer<UInt8>
    let place: String
    var at = 0
    var depth = 0

    mutating func document() throws(Problem) -> JSON {
      let value = try self.value()
      skipBlanks()
      guard at == bytes.count else { throw unexpected("the end") }
      return value
    }

    mutating func value() throws(Problem) -> JSON {
      skipBlanks()
      switch peek {
      case UInt8(ascii: "{"): return try object()
      case UInt8(ascii: "["): return try array()
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      case UInt8(ascii: "n"): return try word("null", .null)
      default: return try number()
      }
    }

    mutating func object() throws(Problem) -> JSON {
      var members: [Member] = []
      try enter()
      if take("}") {
        depth -= 1
        return .object([])
      }
      repeat {
        skipBlanks()
        let key = try string()
        guard take(":") else { throw unexpected("':'") }
        members.append(Member(key, try value()))
      } while take(",")
      guard take("}") else { throw unexpected("',' or '}'") }
      depth -= 1
      return .object(members)
    }

    mutating func array() throws(Problem) -> JSON {
      var values: [JSON] = []
      try enter()
      if take("]") {
        depth -= 1
        return .array([])
      }
      repeat { values.append(try value()) } while take(",")
      guard take("]") else { throw unexpected("',' or ']'") }
      depth -= 1
      return .array(values)
    }

    mutating func string() throws(Problem) -> String {
      guard peek == UInt8(ascii: "\"") else { throw unexpected("'\"'") }
      at += 1
      let start = at
      while let c = peek, c != UInt8(ascii: "\""), c != UInt8(ascii: "\\"), c >= 0x20 { at += 1 }
      if let c = peek, c < 0x20 { throw unexpected("an escape for a control character") }
      let plain = UnsafeBufferPointer(rebasing: bytes[start..<at])
      if peek == UInt8(ascii: "\\") { return try escapedString(Array(plain)) }
      return try closed(String(validating: plain, as: UTF8.self))
    }

    /// The rest of a string from its first escape on.
    mutating func escapedString(_ beginning: [UInt8]) throws(Problem) -> String {
      var text = beginning
      while let c = peek, c != UInt8(ascii: "\"") {
        guard c >= 0x20 else { throw unexpected("an escape for a control character") }
        at += 1
        if c == UInt8(ascii: "\\") { text += try escape() } else { text.append(c) }
      }
      return try closed(String(validating: text, as: UTF8.self))
    }

    /// Steps over the closing quote of a string that may not have been UTF-8.
    mutating func closed(_ text: String?) throws(Problem) -> String {
      guard peek != nil else { throw unexpected("the closing '\"'") }
      at += 1
      guard let text else { throw Problem(place, "text before byte \(at) is not UTF-8") }
      return text
    }

    mutating func escape() throws(Problem) -> [UInt8] {
      let plain: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "b"): 8,
        UInt8(ascii: "f"): 12, UInt8(ascii: "/"): 47, UInt8(ascii: "\\"): 92,
        UInt8(ascii: "\""): 34,
      ]
      guard let c = peek else { throw unexpected("an escape") }
      at += 1
      if let byte = plain[c] { return [byte] }
      guard c == UInt8(ascii: "u") else { throw unexpected("an escape") }
      var code = try hexadecimal()
      if code & 0xFC00 == 0xD800, bytes[at...].starts(with: "\\u".utf8) {
        at += 2
        let low = try hexadecimal()
        guard low & 0xFC00 == 0xDC00 else { throw unexpected("the second half of a character") }
        code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(code) else { throw unexpected("a character") }
      return Array(String(Character(scalar)).utf8)
    }

    mutating func hexadecimal() throws(Problem) -> UInt32 {
      guard at + 4 <= bytes.count, bytes[at] != UInt8(ascii: "+"),
        let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
      else { throw unexpected("four hexadecimal digits") }
      at += 4
      return code
    }

    mutating func number() throws(Problem) -> JSON {
      let start = at
      while let c = peek, JSON.isNumeric(c) { at += 1 }
      if let value = wholeNumber(start..<at) { return .integer(value) }
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      // Swift reads more than JSON allows.
      let isStrict = Parser.isNumber(bytes[start..<at])
      if isStrict, let value = Int(text) { return .integer(value) }
      guard isStrict, let value = Double(text), value.isFinite else {
        at = start
        throw unexpected("a value")
      }
      return .number(value)
    }

    /// Whether the text is a number of JSON's grammar: no sign but a minus, no leading zeros, digits on
    /// both sides of the point.
    static func isNumber(_ text: some Collection<UInt8>) -> Bool {
      var rest = text[...]
      func digits() -> Int {
        let count = rest.prefix { 48 <= $0 && $0 < 58 }.count
        rest = rest.dropFirst(count)
        return count
      }
      if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      let isZero = rest.first == UInt8(ascii: "0")
      let whole = digits()
      guard whole > 0, !isZero || whole == 1 else { return false }
      if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst()
        guard digits() > 0 else { return false }
      }
      if let e = rest.first, e | 0x20 == UInt8(ascii: "e") {
        rest = rest.dropFirst()
        if let sign = rest.first, "+-".utf8.contains(sign) { rest = rest.dropFirst() }
        guard digits() > 0 else { return false }
      }
      return rest.isEmpty
    }

    /// The value of up to 18 digits, which most numbers are.
    func wholeNumber(_ range: Range<Int>) -> Int? {
      guard 1...18 ~= range.count, range.count == 1 || bytes[range.lowerBound] != 48 else {
        return nil
      }
      var value = 0
      for i in range {
        guard case 48...57 = bytes[i] else { return nil }
        value = 10 * value + Int(bytes[i] - 48)
      }
      return value
    }

    mutating func word(_ text: String, _ value: JSON) throws(Problem) -> JSON {
      guard bytes[at...].starts(with: text.utf8) else { throw unexpected("a value") }
      at += text.utf8.count
      return value
    }

    var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipBlanks() {
      while let c = peek, c == 32 || c == 9 || c == 10 || c == 13 { at += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipBlanks()
      guard peek == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    mutating func enter() throws(Problem) {
      at += 1
      depth += 1
      // A hostile file must not overflow the stack.
      guard depth < 200 else { throw Problem(place, "JSON is nested more than 200 deep") }
    }

    func unexpected(_ wanted: String) -> Problem {
      let found = peek.map { "'\(Character(Unicode.Scalar($0)))'" } ?? "the end"
      return Problem(place, "JSON is broken at byte \(at): \(wanted) expected, \(found) found")
    }
  }

  private static func isNumeric(_ c: UInt8) -> Bool {
    switch c {
    case 48...57, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"),
      UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
