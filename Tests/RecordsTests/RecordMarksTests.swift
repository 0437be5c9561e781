import Basics
import Testing

@testable import Records

@Suite struct RecordMarksTests {
  @Test("a bit a record, whatever thread sets it") func marks() throws {
    let marks = RecordMarks(records: 1000)
    #expect(marks.bytes == 128)
    try Workers.run(500, workers: 4) { number throws(Problem) in
      marks.insert(2 * number)
      return marks.contains(2 * number)
    }
    for number in 0..<1000 { #expect(marks.contains(number) == number.isMultiple(of: 2)) }
  }

  @Test("an empty shard has no marks") func none() { #expect(RecordMarks(records: 0).bytes == 0) }
}
