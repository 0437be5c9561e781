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

  @Test(
    "broken documents say where",
    arguments: ["{", "[1,]", "{\"a\" 1}", "tru", "\"\\q\"", "1 2", ""])
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
