import Basics
import Foundation
import TestSupport
import Testing

@testable import Records

/// Databases that LMDB's own library wrote.
@Suite("LMDB") struct LMDBIndexTests {
  private static let path = Fixtures.path("lmdb/lq.lmdb/data.mdb")

  private func index(_ bytes: [UInt8]) throws(Problem) -> LMDBIndex {
    let result: Result<LMDBIndex, Problem> = bytes.withUnsafeBytes { bytes in
      do throws(Problem) {
        return .success(try LMDBIndex(scanning: bytes, place: "data.mdb"))
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  @Test("every key is found, by rising bytes, with values inside pages and in pages of their own")
  func keys() throws {
    let bytes = try readFile(Self.path)
    let entries = try index(bytes).entries
    #expect(entries.map(\.key) == Fixtures.lmdbKeys.sorted())
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
    let end = Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]
    for entry in entries {
      let value = bytes[entry.value]
      #expect(value.starts(with: png) && value.suffix(8).elementsEqual(end), "\(entry.key)")
    }
    // Two of the pictures are too large for a node.
    #expect(entries.count { $0.value.lowerBound % 4096 == 16 } == 2)
  }

  @Test("a database that is cut anywhere is refused with one line, or lacks nothing")
  func cut() throws {
    let bytes = try readFile(Self.path)
    let whole = try index(bytes).entries
    var refused = 0
    for size in stride(from: 0, to: bytes.count, by: 509) {
      do throws(Problem) {
        // The last page may be an old one that nothing points to.
        #expect(try index(Array(bytes.prefix(size))).entries == whole)
      } catch {
        refused += 1
        #expect(!error.what.contains("\n") && error.place == "data.mdb" && !error.fix.isEmpty)
      }
    }
    #expect(refused > 60)
  }

  @Test("whatever bit is changed, no byte outside the file is read and no key comes twice")
  func changedBits() throws {
    let good = try readFile(Self.path)
    var random = RandomStream(seed: 12, index: 0)
    var refused = 0
    let pages = good.count / 4096
    for trial in 0..<Effort.repeats(5000, proof: 400_000) {
      var bytes = good
      // Heads of pages and nodes, where damage does most, half of the time.
      let place =
        trial % 2 == 0
        ? random.integer(below: pages) * 4096 + random.integer(below: 160)
        : random.integer(below: good.count)
      bytes[place] ^= 1 << UInt8(random.integer(below: 8))
      do throws(Problem) {
        let entries = try index(bytes).entries
        #expect(entries.allSatisfy { $0.value.upperBound <= bytes.count })
        #expect(Set(entries.map(\.key)).count == entries.count)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  @Test("other files are named as such") func others() throws {
    let tar = #expect(throws: Problem.self) {
      try index([UInt8](repeating: 65, count: 10_000))
    }
    #expect(tar?.what.hasPrefix("is no LMDB database of a 64-bit machine") == true)
    #expect(throws: Problem.self) { try index([]) }
    var later = try readFile(Self.path)
    later[20] = 2
    let version = #expect(throws: Problem.self) { try index(later) }
    #expect(version?.what == "has LMDB's format 2, 1 is read")
    var duplicates = try readFile(Self.path)
    duplicates[92] = 4
    let kind = #expect(throws: Problem.self) { try index(duplicates) }
    #expect(kind?.what.hasPrefix("is a database with several values to a key") == true)
  }
}
