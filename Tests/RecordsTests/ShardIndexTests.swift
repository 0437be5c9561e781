import Basics
import Records
import TestSupport
import Testing

@Suite struct ShardIndexTests {
  @Test(
    "golden shards are read as strictly as expected.json says",
    arguments: GoldenShards.shared?.tars ?? [])
  func golden(_ name: String) throws {
    let strict = try #require(GoldenShards().expected["tars"]?[name]?["strict"])
    let (index, file) = try GoldenShards.index(name)
    let expected = try #require(strict["records"]?.array)
    #expect(index.records.map(\.key) == expected.compactMap { $0["key"]?.string })
    for (record, truth) in zip(index.records, expected) {
      let fields = try #require(truth["fields"]?.object)
      #expect(record.fields == fields.map(\.key))
      for field in fields {
        let member = try #require(record[field.key])
        #expect(member.dataOffset == field.value["offset"]?.integer)
        #expect(member.size == field.value["size"]?.integer)
        #expect(Digest.sha256(file.data(member)) == field.value["sha256"]?.string)
      }
    }
    if let trailer = strict["trailer"]?.bool { #expect(index.hasTrailer == trailer) }
    let error = try #require(strict["error"])
    #expect(index.damage?.kind.rawValue == error["kind"]?.string)
    #expect(index.damage?.offset == error["offset"]?.integer)
    #expect(index.damage?.member == error["member"]?.string)
  }

  @Test("the golden folder is there") func present() throws {
    #expect(try GoldenShards().tars.count >= 18)
  }

  @Test("cut anywhere, a shard never yields a record short of a field")
  func cutAnywhere() throws {
    let whole = try readFile(Golden.path("records/npy-000000.tar"))
    let ends = 31_744
    for length in stride(from: 1, to: whole.count, by: 101) {
      let index = whole[..<length].withUnsafeBytes { ShardIndex(scanning: $0) }
      #expect(index.records.allSatisfy { $0.fields == ["gt.npy", "json", "lq.npy"] })
      if length < ends { #expect(index.damage != nil || length % 512 == 0) }
    }
  }

  @Test(
    "each kind of damage has its own sentence with the place", arguments: ShardDamage.Kind.allCases)
  func sentences(_ kind: ShardDamage.Kind) {
    let damage = ShardDamage(kind, at: 1536, member: "000000001.lq.npy")
    let problem = damage.problem("a/shard-000001.tar")
    #expect(problem.description.hasPrefix("a/shard-000001.tar: "))
    #expect(kind == .emptyFile || problem.what.contains("byte 1536"))
  }
}
