import Basics
import TestSupport
import Testing

@testable import Records

@Suite struct TarScannerTests {
  private static func member(_ name: String, _ data: [UInt8], type: Character = "0") -> [UInt8] {
    var header = TarHeader.bytes(name: name, size: data.count)
    header[156] = type.asciiValue ?? 0
    seal(&header)
    return header + data + [UInt8](repeating: 0, count: TarHeader.padded(data.count) - data.count)
  }

  /// Makes a header's checksum fit again.
  private static func seal(_ header: inout [UInt8]) {
    let sum = (0..<TarHeader.blockSize).reduce(0) { $0 + (148..<156 ~= $1 ? 32 : Int(header[$1])) }
    let octal = String(sum, radix: 8)
    let text = String(repeating: "0", count: 6 - octal.count) + octal + "\0 "
    header.replaceSubrange(148..<156, with: text.utf8)
  }

  private static func pax(_ text: String, type: Character = "x") -> [UInt8] {
    member("pax", Array(text.utf8), type: type)
  }

  private static let end = [UInt8](repeating: 0, count: 1024)

  private func scan(_ bytes: [UInt8]) -> ShardIndex {
    withExactCopy(bytes) { ShardIndex(scanning: $0) }
  }

  @Test(
    "PAX headers that say nothing clear are refused where they are",
    arguments: [
      "19 size=+000000012\n", "+18 size=00000012\n", "12 size=-12\n", "12 size=1x2\n",
      "29 size=99999999999999999999\n", "15 path=0.a.txt", "9 path 0\n", "0 path=\n",
      "99 path=0.a.txt\n", "9999999999999999999 path=a\n", "path=0.a.txt\n",
      "25 GNU.sparse.name=a.txt\n",
    ])
  func unclearPax(_ text: String) {
    let index = scan(Self.pax(text) + Self.member("0.a.txt", [1, 2]) + Self.end)
    #expect(index.records.isEmpty)
    #expect(index.damage == ShardDamage(.unreadableHeader, at: 0))
  }

  @Test("a PAX size near the largest number ends at the file's end, not in an overflow")
  func largeSize() {
    let index = scan(
      Self.pax("28 size=9223372036854775807\n") + Self.member("0.a.txt", [1]) + Self.end)
    #expect(index.damage == ShardDamage(.truncatedMember, at: 1024, member: "0.a.txt"))
    var header = Self.member("0.a.txt", [1])
    header.replaceSubrange(124..<136, with: [0x80] + [UInt8](repeating: 0xFF, count: 11))
    Self.seal(&header)
    #expect(scan(header + Self.end).damage == ShardDamage(.unreadableHeader, at: 0))
    header.replaceSubrange(
      124..<136, with: [0x80, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 7))
    Self.seal(&header)
    #expect(
      scan(header + Self.end).damage == ShardDamage(.truncatedMember, at: 0, member: "0.a.txt"))
  }

  @Test("PAX paths and sizes are followed, and an empty value takes them back")
  func followed() {
    let named = scan(
      Self.pax("14 path=0.b.x\n") + Self.member("0.a.txt", [7]) + Self.member("0.c.txt", [8])
        + Self.end)
    #expect(named.records.first?.fields == ["b.x", "c.txt"])
    #expect(named.damage == nil)
    let back = scan(
      Self.pax("14 path=0.b.x\n", type: "g") + Self.pax("14 path=0.b.x\n8 path=\n")
        + Self.member("0.a.txt", [7]) + Self.end)
    #expect(back.records.first?.fields == ["b.x"])
  }

  @Test("an archive that ends behind the name of a member has lost it", arguments: [true, false])
  func nameWithoutMember(_ hasEnd: Bool) {
    let head = Self.member("0.a.txt", [1]) + Self.member("1.a.txt", [2])
    let index = scan(head + Self.pax("15 path=1.b.tx\n") + (hasEnd ? Self.end : []))
    #expect(index.damage == ShardDamage(.truncatedMember, at: head.count, member: "1.b.tx"))
    #expect(index.records.map(\.key) == ["0"])
  }

  @Test("a file cut exactly behind a member gives no half record") func cutBehindMember() throws {
    let whole = try readFile(Golden.path("records/npy-000000.tar"))
    let records = scan(whole).records
    for (number, record) in records.enumerated() {
      for (place, (_, member)) in record.members.enumerated() {
        let end = member.dataOffset + TarHeader.padded(member.size)
        let index = withExactCopy(Array(whole[..<end])) {
          ShardIndex(scanning: $0, fields: PictureForm.raw.fields)
        }
        let isComplete = place == record.members.count - 1
        #expect(index.records.count == (isComplete ? number + 1 : number))
        #expect(index.damage == (isComplete ? nil : ShardDamage(.truncatedRecord, at: end)))
      }
    }
  }
}
