import Basics
import TestSupport
import Testing

@Suite struct JSONTests {
  @Test("a document reads back as it was written, keys in order")
  func roundTrip() throws {
    let text = #"{"b":[1,2.5,-3e-07,true,null],"a":{"x":"q\"\n\u0001é"},"c":[]}"#
    let value = try JSON(parsing: text.utf8, place: "test")
    #expect(value.compact == text)
    #expect(try JSON(parsing: value.pretty.utf8, place: "test") == value)
    #expect(value.canonical.hasPrefix(#"{"a":"#))
  }

  @Test("numbers and escapes of every form that JSON allows are read")
  func forms() throws {
    let text = #"[0,-0,10,-1.5,1e3,1E-2,0.5e+1,"\ud83d\ude00\/\b"]"#
    let values = try #require(try JSON(parsing: text.utf8, place: "x").array)
    #expect(values.compactMap(\.double) == [0, 0, 10, -1.5, 1000, 0.01, 5])
    #expect(values.last?.string == "\u{1F600}/\u{8}")
  }

  @Test("a document that is nested too deep is refused, not followed") func deep() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: Problem("x", "JSON is nested more than 200 deep")) {
      try JSON(parsing: text.utf8, place: "x")
    }
  }

  @Test("keys are sorted by bytes, and text is escaped alike in every form")
  func canonicalForm() throws {
    let text = #"{"é":"ü\t\r","b":{"ab":1,"a":"\\"},"B":[{}, []],"a":"\u0007/"}"#
    let value = try JSON(parsing: text.utf8, place: "test")
    #expect(
      value.canonical
        == #"{"B":[{},[]],"a":"\u0007/","b":{"a":"\\","ab":1},"é":"ü\t\r"}"#)
    #expect(
      value.pretty.hasPrefix("{\n  \"é\": \"ü\\t\\r\",\n  \"b\": {\n    \"ab\": 1"))
    #expect(JSON.object([.init("x", .array([]))]).pretty == "{\n  \"x\": []\n}\n")
  }

  @Test(
    "numbers keep their kind and value",
    arguments: [
      ("0", JSON.integer(0)), ("-7", .integer(-7)),
      ("999999999999999999", .integer(999_999_999_999_999_999)),
      ("9223372036854775807", .integer(.max)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)),
      ("1e3", .number(1000)), ("-0.5", .number(-0.5)),
    ])
  func numbers(_ text: String, _ value: JSON) throws {
    #expect(try JSON(parsing: text.utf8, place: "test") == value)
    #expect(try JSON(parsing: Array(text.utf8)[...], place: "test") == value)
  }

  @Test(
    "escapes in the middle of a text, at its end, and beyond the basic plane",
    arguments: [
      (#""a\nb""#, "a\nb"), (#""\"""#, "\""), (#""x\u00e9\ud83d\ude00y""#, "xé😀y"),
      (#""\\\/""#, "\\/"),
    ])
  func escapes(_ text: String, _ value: String) throws {
    #expect(try JSON(parsing: text.utf8, place: "test") == .string(value))
  }

  @Test("text that is not UTF-8 is refused, with and without an escape before it")
  func notUTF8() {
    for bytes: [UInt8] in [[34, 0xFF, 34], [34, 92, 110, 0xFF, 34]] {
      #expect { try JSON(parsing: bytes, place: "x.json") } throws: { error in
        "\(error)" == "x.json: text before byte \(bytes.count) is not UTF-8"
      }
    }
  }

  @Test(
    "broken documents say where",
    arguments: [
      "{", "[1,]", "{\"a\" 1}", "tru", "\"\\q\"", "1 2", "", "+1", "01", "-", "1.", ".5", "1e",
      "1.e5",
      "0x10", "1e999", "\"a\nb\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\ud800\\n123\"",
      "\"\\u+123\"",
      "\"abc", "\"ab\\", "\"\\u12", "[1 2]",
    ])
  func broken(_ text: String) {
    #expect { try JSON(parsing: text.utf8, place: "x.json") } throws: { error in
      "\(error)".hasPrefix("x.json: JSON is broken at byte")
    }
  }
}

@Suite struct FormattingTests {
  @Test(
    "numbers keep their decimals",
    arguments: [
      (1.005, 2, "1.00"), (-0.004, 2, "0.00"), (12.3456, 3, "12.346"), (0.05, 1, "0.1"),
      (3.0, 0, "3"),
    ])
  func decimals(_ x: Double, _ n: Int, _ text: String) { #expect(fixed(x, n) == text) }

  @Test("an unknown name gets the nearest valid one")
  func nearest() {
    #expect(nearestName(to: "bath_size", among: ["batch_size", "gt_size"]) == "batch_size")
    #expect(nearestName(to: "zzzzzz", among: ["batch_size", "gt_size"]) == nil)
  }

  @Test("CRC-32C gives the check value on both paths")
  func crc() {
    #expect(Checksum.crc32c(Array("123456789".utf8)) == 0xE306_9283)
  }
}
