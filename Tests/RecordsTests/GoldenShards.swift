import Basics
import Records
import TestSupport

/// The golden shards and what other readers found in them.
struct GoldenShards {
  static let shared = try? GoldenShards()
  let expected: JSON

  init() throws {
    let path = Golden.path("records/expected.json")
    expected = try JSON(parsing: try readFile(path), place: path)
  }

  var tars: [String] { expected["tars"]?.object?.map(\.key) ?? [] }

  static func index(_ name: String) throws -> (index: ShardIndex, file: MappedFile) {
    let file = try MappedFile(Golden.path("records/" + name))
    return (ShardIndex(scanning: file.bytes), file)
  }
}

extension MappedFile {
  func data(_ member: TarMember) -> [UInt8] {
    Array(bytes[member.dataOffset..<member.dataOffset + member.size])
  }
}
