import Basics
import TestSupport
import Testing

@testable import Training

/// JSON-lines logs.
@Suite struct LogFileTests {
  @Test("a resumed log forgets what will be done again, and a torn line")
  func resumedLogIsCutBack() throws {
    let folder = TemporaryFolder()
    let path = folder.file("log.jsonl")
    let torn = "{\"iteration\":1}\n{\"iteration\":2}\n{\"iteration\":3}\n{\"iter"
    try AtomicFile.write(torn, to: path)
    let log = try LogFile(path, resumingAfter: 2)
    try log.append(["iteration": 3, "again": true])
    let lines = try LogFile.read(path)
    #expect(lines.map { $0["iteration"]?.integer } == [1, 2, 3])
    #expect(lines.last?["again"]?.bool == true)
  }

  @Test("a new run empties the log of an old one") func newRunStartsEmpty() throws {
    let folder = TemporaryFolder()
    let path = folder.file("log.jsonl")
    try AtomicFile.write("{\"iteration\":1}\n", to: path)
    _ = try LogFile(path)
    #expect(try LogFile.read(path).isEmpty)
  }

  @Test("a broken line in the middle is named") func brokenLineIsNamed() throws {
    let folder = TemporaryFolder()
    let path = folder.file("log.jsonl")
    try AtomicFile.write("{\"iteration\":1}\n{oops\n{\"iteration\":3}\n", to: path)
    let problem = try #require(throws: Problem.self) { try LogFile.read(path) }
    #expect(problem.place == path + ":2")
  }
}
