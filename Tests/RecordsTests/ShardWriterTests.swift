import Basics
import Foundation
import Records
import TestSupport
import Testing

@Suite struct ShardWriterTests {
  let folder = TemporaryFolder()

  @Test(
    "the same records give webdataset's shard and DALI's index byte for byte",
    arguments: ["npy", "png"])
  func golden(_ form: String) throws {
    let (index, file) = try GoldenShards.index("\(form)-000000.tar")
    let path = folder.file("shard-000000.tar")
    var writer = try ShardWriter(path: path)
    for record in index.records {
      let members = record.members.map { (name: $0.field, bytes: file.data($0.member)) }
      try writer.append(Record(key: record.key, members: members.reversed()))
    }
    let result = try writer.finish()
    #expect(try readFile(path) == Array(file.bytes))
    #expect(result.bytes == file.bytes.count)
    #expect(result.sha256 == Digest.sha256(Array(file.bytes)))
    #expect(result.stride == nil)
    #expect(try readFile(Golden.path("records/\(form)-000000.idx")) == Array(index.daliIndex.utf8))
  }

  @Test("an empty shard is tarfile's empty archive") func empty() throws {
    let path = folder.file("shard-000000.tar")
    let result = try ShardWriter(path: path).finish()
    #expect(result.records == 0)
    #expect(try readFile(path) == readFile(Golden.path("records/empty.tar")))
  }

  @Test("a writer that is dropped leaves nothing") func dropped() throws {
    do {
      var writer = try ShardWriter(path: folder.file("shard-000000.tar"))
      try writer.append(Record(key: "000000000", members: [("txt", [1, 2, 3])]))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test("a folder that is missing is named, with what to do") func missingFolder() {
    let path = folder.file("none/shard-000000.tar")
    #expect {
      _ = try ShardWriter(path: path).finish()
    } throws: { error in
      "\(error)".hasPrefix(path + ": cannot be created: No such file")
        && "\(error)".contains("\n  check")
    }
  }
}
