import Basics
import Records
import TestSupport
import Testing

@Suite struct NPYTests {
  @Test("golden arrays are read, or refused where NumPy refuses them") func golden() throws {
    let (index, file) = try GoldenShards.index("npy-headers.tar")
    let expected = try GoldenShards().expected
    let members = index.records.flatMap(\.members).map(\.member)
    #expect(members.count == 15)
    for member in members {
      let truth = try #require(expected["npy"]?[member.name])
      let data = file.data(member)
      let array = try? data.withUnsafeBytes { try NPYArray(parsing: $0, place: member.name) }
      if truth["rejected_by_numpy"] != nil {
        #expect(array == nil, "\(member.name)")
        continue
      }
      let found = try #require(array, "\(member.name)")
      #expect(found.header.type == truth["dtype"]?.string)
      #expect(found.header.shape == truth["shape"]?.array?.compactMap(\.integer))
      #expect(found.header.isFortran == truth["fortran"]?.bool)
      #expect(found.header.dataOffset == truth["header_len"]?.integer)
      #expect(Digest.sha256(found.bytes) == truth["c_order_sha256"]?.string)
    }
  }

  @Test(
    "a header is NumPy's own",
    arguments: [
      ([256, 256, 3], "{'descr': '|u1', 'fortran_order': False, 'shape': (256, 256, 3), }"),
      ([5], "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }"),
      ([], "{'descr': '|u1', 'fortran_order': False, 'shape': (), }"),
    ])
  func header(_ shape: [Int], _ text: String) {
    let bytes = NPYHeader.bytes(shape: shape)
    #expect(bytes.count == 128)
    #expect(bytes[..<10].elementsEqual([0x93, 78, 85, 77, 80, 89, 1, 0, 0x76, 0]))
    #expect(String(decoding: bytes[10...], as: UTF8.self).hasPrefix(text + " "))
    #expect(bytes.last == 10)
  }

  @Test(
    "what is wrong with a header is said",
    arguments: [
      ("'|O8'", "(2,)", "'|O8' are not plain numbers"),
      ("'|u1'", "(2, 9)", "too few for the shape [2, 9]"),
      ("'|u1'", "(9223372036854775807, 2)", "too few"),
      ("[('a', '<f4')]", "(2,)", "cannot be understood"),
      ("'|u1'", "(-2,)", "cannot be understood"),
      ("'|u1'", "(2)", "cannot be understood"),
      ("'|u1'", "(1 2)", "cannot be understood"),
    ])
  func refusals(_ type: String, _ shape: String, _ message: String) {
    let text = "{'descr': \(type), 'fortran_order': False, 'shape': \(shape), }"
    let padding = String(repeating: " ", count: 117 - text.utf8.count) + "\n"
    let bytes =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array((text + padding).utf8) + [1, 2]
    let error = #expect(throws: Problem.self) {
      _ = try bytes.withUnsafeBytes { try NPYHeader(parsing: $0, place: "x.npy") }
    }
    #expect(error?.what.contains(message) == true, "\(error?.what ?? "")")
  }
}
