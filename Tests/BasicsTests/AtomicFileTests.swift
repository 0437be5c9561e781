import Basics
import TestSupport
import Testing

@Suite("Files") struct AtomicFileTests {
  private let folder = TemporaryFolder()

  @Test("a part of a file is read; one that the file does not have is refused")
  func part() throws {
    let path = folder.file("a")
    try AtomicFile.write(Array(0..<100), to: path)
    #expect(try readFile(path, 7..<12) == [7, 8, 9, 10, 11])
    #expect(try readFile(path, 100..<100) == [])
    let beyond = #expect(throws: Problem.self) { try readFile(path, 90..<101) }
    #expect(beyond == Problem(path, "has 100 bytes, a part ends at 101"))
    let huge = #expect(throws: Problem.self) { try readFile(path, 1 << 40..<1 << 60) }
    #expect(huge?.what.hasPrefix("has 100 bytes") == true)
    let missing = #expect(throws: Problem.self) { try readFile(folder.file("b"), 0..<1) }
    #expect(missing?.what == "cannot be opened: No such file or directory")
  }

  @Test("the name of a temporary file says which file it is of")
  func temporaryNames() throws {
    for name in ["shard-000001.tar", "export.json", "x"] {
      let hidden = AtomicFile.temporaryPath(for: "some/folder/" + name).split(separator: "/").last
      #expect(AtomicFile.target(ofTemporary: String(try #require(hidden))) == name)
    }
    for name in ["shard-000001.tar", ".hidden", "a.tmp-1", ".tmp-1", ".a.tmp"] {
      #expect(AtomicFile.target(ofTemporary: name) == nil, "\(name)")
    }
  }
}
