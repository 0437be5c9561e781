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

  @Test(
    "broken documents say where",
    arguments: [
      "{", "[1,]", "{\"a\" 1}", "tru", "\"\\q\"", "1 2", "", "+1", "01", "-", "1.", ".5", "1e",
      "1.e5",
      "0x10", "1e999", "\"a\nb\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\ud800\\n123\"",
      "\"\\u+123\"",
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
