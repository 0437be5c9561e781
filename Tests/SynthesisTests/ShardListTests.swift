import Basics
import Testing

@testable import Synthesis

@Suite struct ShardListTests {
  @Test(
    "ranges are half-open or closed, single numbers and several are read, neighbours joined",
    arguments: [
      ("0..<50", "0...49"), ("0...49", "0...49"), ("7", "7"), ("7..<8", "7"), ("7...7", "7"),
      ("3,7...9,20..<30", "3,7...9,20...29"), ("9, 8, 0 ..< 8", "0...9"), ("5...9,0...6", "0...9"),
      ("000001", "1"),
    ])
  func reading(_ text: String, _ wanted: String) throws {
    let list = try ShardList(text, place: "--shards")
    #expect(list.description == wanted)
    #expect(try ShardList(list.description, place: "--shards") == list)
  }

  @Test(
    "what is no range is named",
    arguments: [
      "", "a", "4-6", "5..<5", "6...5", "-1", "1..", "...5", "0..<", "1,,2", "1...2...3",
      "99999999999999999999", "٣",
    ])
  func mistakes(_ text: String) {
    let error = #expect(throws: Problem.self) { try ShardList(text, place: "--shards") }
    #expect(error?.place == "--shards" && error?.what.hasSuffix(" is no range of shards") == true)
  }

  @Test("a last part may reach beyond the set, but no part may lie beyond it") func ends() throws {
    let list = try ShardList("3,8..<20", place: "x")
    #expect(try list.clamped(to: 10, place: "x").description == "3,8...9")
    let error = #expect(throws: Problem.self) { try list.clamped(to: 8, place: "--shards") }
    #expect(error?.description == "--shards: there is no shard 8: the set has 8\n  the last is 7")
  }
}
