import Foundation
import TestSupport
import Testing

@testable import Basics

@Suite struct RangeLockTests {
  private let folder = TemporaryFolder()

  @Test("two holders never have a number in common, and the second is told which are taken")
  func ranges() throws {
    let path = folder.file("lock")
    let first = try RangeLock(path)
    #expect(try first.take(10..<20) == nil)
    let second = try RangeLock(path)
    #expect(try second.take(0..<10) == nil)
    #expect(try second.take(20..<30) == nil)
    #expect(try second.take(15..<25) == 15..<20)
    #expect(try second.take(0..<100) == 10..<20)
    #expect(try first.take(9..<10) == 9..<10)
    try first.release(12..<14)
    #expect(try second.take(12..<14) == nil)
    #expect(try second.take(11..<12) == 11..<12)
  }

  @Test("a holder that is gone holds nothing") func gone() throws {
    let path = folder.file("lock")
    var first: RangeLock? = try RangeLock(path)
    #expect(try first?.take(0..<4) == nil)
    let second = try RangeLock(path)
    #expect(try second.take(3..<4) == 3..<4)
    first = nil
    #expect(try second.take(0..<4) == nil)
  }

  @Test("whoever holds a file that was removed is told so") func removed() throws {
    let path = folder.file("lock")
    let lock = try RangeLock(path)
    #expect(lock.isCurrent)
    unlink(path)
    #expect(!lock.isCurrent)
    let next = try RangeLock(path)
    #expect(next.isCurrent && !lock.isCurrent)
  }

  @Test("a folder that is missing is a problem") func missing() throws {
    let path = folder.file("none/lock")
    let error = #expect(throws: Problem.self) { try RangeLock(path) }
    #expect(error?.description.hasPrefix(path + ": cannot be opened: ") == true)
  }
}
