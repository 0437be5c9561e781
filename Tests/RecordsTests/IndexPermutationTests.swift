import Basics
import Records
import TestSupport
import Testing

@Suite struct IndexPermutationTests {
  private func vectors() throws -> JSON {
    let path = Golden.path("records/shuffle_vectors.json")
    return try JSON(parsing: try readFile(path), place: path)
  }

  private func word(_ json: JSON) throws -> UInt64 {
    try #require(json.string.flatMap { UInt64($0) })
  }

  @Test("golden vectors: mix and the key of an epoch") func keys() throws {
    for pair in try #require(vectors()["mix"]?.array) {
      let values = try #require(pair.array)
      #expect(IndexPermutation.mix(try word(values[0])) == (try word(values[1])))
    }
    for triple in try #require(vectors()["epoch_key"]?.array) {
      let values = try #require(triple.array)
      let key = IndexPermutation.key(
        seed: try word(values[0]), epoch: try #require(values[1].integer))
      #expect(key == (try word(values[2])))
    }
  }

  @Test("golden vectors: every listed index of every size") func order() throws {
    let cases = try #require(vectors()["perm"]?.array)
    #expect(cases.count == 14)
    for truth in cases {
      let n = try #require(truth["n"]?.string.flatMap { Int($0) })
      let order = IndexPermutation(
        count: n, seed: try word(try #require(truth["seed"])),
        epoch: try #require(truth["epoch"]?.integer))
      for pair in try #require(truth["pairs"]?.array) {
        let values = try #require(pair.array)
        #expect(order[Int(try word(values[0]))] == Int(try word(values[1])))
      }
      if let all = truth["all"]?.array?.compactMap(\.integer), all.count == n {
        #expect((0..<n).map { order[$0] } == all)
      }
    }
  }

  /// Whether every index below the count comes once.
  private func isBijection(_ n: Int) -> Bool {
    let order = IndexPermutation(count: n, seed: 3, epoch: 1)
    var seen = [Bool](repeating: false, count: n)
    for place in 0..<n { seen[order[place]] = true }
    return seen.allSatisfy { $0 }
  }

  @Test("every index comes once, for every count up to 5,000") func smallCounts() {
    // All of them take six seconds of a core.
    for n in stride(from: 1, through: 5000, by: Effort.repeats(7, proof: 1)) {
      #expect(isBijection(n), "\(n) records")
    }
  }

  @Test(
    "every index comes once at powers of four and beside them, where a Feistel cipher may lose one")
  func powersOfFour() {
    for k in 1...9 {
      for n in [1 << (2 * k) - 1, 1 << (2 * k), 1 << (2 * k) + 1] where n <= 1 << 18 + 1 {
        #expect(isBijection(n), "\(n) records")
      }
    }
  }
}
