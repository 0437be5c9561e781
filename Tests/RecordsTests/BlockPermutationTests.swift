import Records
import Testing

@Suite struct BlockPermutationTests {
  private static let sizes = [5, 0, 7, 1, 4, 0, 9, 3]

  @Test(
    "every record comes once, whatever the shards' sizes and the pool", arguments: [1, 2, 3, 8, 50])
  func bijection(_ pool: Int) {
    for epoch in 0..<20 {
      let order = BlockPermutation(sizes: Self.sizes, pool: pool, seed: 4, epoch: epoch)
      #expect(order.count == 29)
      #expect((0..<29).map { order[$0] }.sorted() == Array(0..<29))
    }
  }

  @Test("the records of a pool follow each other, and the pools hold as many shards as asked for")
  func poolsStayTogether() {
    let sizes = [Int](repeating: 10, count: 12)
    let order = BlockPermutation(sizes: sizes, pool: 3, seed: 9, epoch: 2)
    let pools = stride(from: 0, to: 120, by: 30).map { first in
      Set((first..<first + 30).map { order[$0] / 10 })
    }
    #expect(pools.allSatisfy { $0.count == 3 })
    #expect(pools.reduce(Set()) { $0.union($1) }.count == 12)
  }

  @Test("another epoch puts other shards together") func epochsDiffer() {
    let sizes = [Int](repeating: 10, count: 12)
    let firstShards = (0..<8).map { epoch in
      BlockPermutation(sizes: sizes, pool: 3, seed: 9, epoch: epoch)[0] / 10
    }
    #expect(Set(firstShards).count > 3)
  }

  @Test(
    "the definition, step by step: shards by key + 1, the records of a pool by key + 2 + its place")
  func definition() {
    let sizes = [4, 6, 5, 3, 2]
    let key = IndexPermutation.key(seed: 11, epoch: 3)
    let shards = IndexPermutation(count: 5, key: IndexPermutation.mix(key &+ 1))
    let records = sizes.indices.map { s in
      let first = sizes[..<s].reduce(0, +)
      return Array(first..<first + sizes[s])
    }
    var expected: [Int] = []
    for first in stride(from: 0, to: 5, by: 2) {
      let pool = (first..<min(first + 2, 5)).flatMap { records[shards[$0]] }
      let order = IndexPermutation(
        count: pool.count, key: IndexPermutation.mix(key &+ 2 &+ UInt64(first)))
      expected += pool.indices.map { pool[order[$0]] }
    }
    let order = BlockPermutation(sizes: sizes, pool: 2, seed: 11, epoch: 3)
    #expect((0..<20).map { order[$0] } == expected)
  }

  @Test("a billion records cost no memory of their own") func billion() {
    let sizes = [Int](repeating: 100_000, count: 10_000)
    let order = BlockPermutation(sizes: sizes, pool: 16, seed: 1, epoch: 0)
    #expect(order.count == 1_000_000_000)
    let places = [0, 1, 123_456_789, 999_999_999]
    #expect(Set(places.map { order[$0] }).count == 4)
    #expect(places.allSatisfy { (0..<1_000_000_000).contains(order[$0]) })
    let full = IndexPermutation(count: 1_000_000_000, seed: 1, epoch: 0)
    #expect(places.allSatisfy { (0..<1_000_000_000).contains(full[$0]) })
  }
}
