import Basics
import Foundation
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Finished sets that were damaged since, and runs that were ended.
@Suite struct ResumeTests {
  private let folder = TemporaryFolder()
  private var set: String { folder.file("set") }

  @discardableResult
  private func make(_ name: String = "set", seed: Int = 5, resumes: Bool = false) throws
    -> Manifest?
  {
    let text = "classes: 5d\ngt_size: 32\ncount: 14\nseed: \(seed)\nrecords_per_shard: 4\n"
    return try Synthesizer(try recipe(text, in: folder), split: .train, workers: 2)
      .run(into: folder.file(name), resumes: resumes)
  }

  @Test("a manifest with a changed bit, cut or gone is made again, and only with --resume")
  func manifest() throws {
    try make()
    let whole = try content(set)
    let path = set + "/manifest.json"
    let good = try readFile(path)
    var random = RandomStream(seed: 8, index: 0)
    var damages: [[UInt8]?] = [nil, [], Array(good.prefix(good.count / 3))]
    for _ in 0..<12 {
      var bytes = good
      // The lowest bit turns no blank into another one.
      bytes[random.integer(below: bytes.count)] ^= 1
      damages.append(bytes)
    }
    for damage in damages {
      unlink(path)
      if let damage { try AtomicFile.write(damage, to: path) }
      let before = try content(set)
      let error = #expect(throws: Problem.self) { try make() }
      #expect(error?.fix == "add --resume to make it again from recipe, pictures and shards")
      // Another recipe is refused, and changes nothing.
      #expect(throws: Problem.self) { try make(seed: 6, resumes: true) }
      #expect(try content(set) == before)
      let kept = try fileNumber(set + "/shard-000000.tar")
      try make(resumes: true)
      let isSame = try content(set) == whole
      #expect(isSame)
      #expect(try fileNumber(set + "/shard-000000.tar") == kept)
    }
  }

  @Test("with the manifest, shards that are gone or damaged are made again and proved")
  func shards() throws {
    try make()
    let whole = try content(set)
    for all in [false, true] {
      unlink(set + "/manifest.json")
      for number in 0..<(all ? 4 : 2) {
        let path = set + "/" + ShardEntry.fileName(number)
        if number == 0 {
          unlink(path)
        } else {
          var bytes = try readFile(path)
          bytes[5000] ^= 8
          try AtomicFile.write(bytes, to: path)
        }
      }
      let before = try content(set)
      let error = #expect(throws: Problem.self) { try make(seed: 6, resumes: true) }
      #expect(error?.fix.hasSuffix("; nothing was replaced") == true)
      #expect(try content(set) == before)
      try make(resumes: true)
      let isSame = try content(set) == whole
      #expect(isSame)
    }
  }

  @Test("without manifest and digests nothing proves a set, and nothing is changed")
  func noProof() throws {
    try make()
    try AtomicFile.write("{", to: set + "/manifest.json")
    let sums = try String(decoding: readFile(set + "/SHA256SUMS"), as: UTF8.self)
    let lines = sums.split(separator: "\n").filter { !$0.hasSuffix("manifest.json") }
    try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: set + "/SHA256SUMS")
    let before = try content(set)
    let error = #expect(throws: Problem.self) { try make(resumes: true) }
    #expect(error?.what == "has no line for manifest.json, which is damaged too")
    unlink(set + "/SHA256SUMS")
    #expect(throws: Problem.self) { try make(resumes: true) }
    unlink(set + "/manifest.json")
    let strangers = #expect(throws: Problem.self) { try make(resumes: true) }
    #expect(strangers?.what == "holds shards without a manifest")
    #expect(try content(set) == before.filter { $0.key.hasPrefix("shard-") })
  }

  @Test("the same command on a finished set makes what is damaged and leaves the rest")
  func finished() throws {
    try make()
    let whole = try content(set)
    var bytes = try readFile(set + "/shard-000002.tar")
    bytes[700] ^= 1
    try AtomicFile.write(bytes, to: set + "/shard-000002.tar")
    unlink(set + "/shard-000001.tar")
    unlink(set + "/shard-000003.idx")
    let kept = try fileNumber(set + "/shard-000000.tar")
    try make()
    let isSame = try content(set) == whole
    #expect(isSame)
    #expect(try fileNumber(set + "/shard-000000.tar") == kept)
  }

  @Test("a finished shard that changed before the set was is made again, whichever bit it is")
  func changedShard() throws {
    let manifest = try #require(try make())
    let whole = try content(set)
    let plan = try Synthesizer(
      try recipe(
        "classes: 5d\ngt_size: 32\ncount: 14\nseed: 5\nrecords_per_shard: 4\n", in: folder),
      split: .train, workers: 1
    ).plan
    let path = set + "/shard-000001.tar"
    let good = try readFile(path)
    let stride = try #require(manifest.shards[1].stride)
    // The name of the first header, its padding, the picture, the padding behind it, the end mark.
    for place in [3, 505, 900, stride - 1, good.count - 1] {
      try unseal(set, plan)
      var bytes = good
      bytes[place] ^= 1
      try AtomicFile.write(bytes, to: path)
      try make()
      let isSame = try content(set) == whole
      #expect(isSame, "byte \(place)")
    }
  }

  @Test("a run that fails between a shard and its note leaves a draft to go on with")
  func unnoted() throws {
    try make()
    let whole = try content(set)
    let plan = try Synthesizer(
      try recipe(
        "classes: 5d\ngt_size: 32\ncount: 14\nseed: 5\nrecords_per_shard: 4\n", in: folder),
      split: .train, workers: 1
    ).plan
    let all = ShardList(all: plan.shards)
    _ = try Draft(set, plan: plan, shards: all)
    for name in ["manifest.json", "SHA256SUMS"] { unlink(set + "/" + name) }
    try Draft(set, plan: plan, shards: all).leave()
    try make()
    let isSame = try content(set) == whole
    #expect(isSame)
  }

  @Test("a draft that is damaged is named") func damagedDraft() throws {
    let plan = try Synthesizer(
      try recipe("classes: 5d\ngt_size: 32\ncount: 14\n", in: folder), split: .train, workers: 1
    ).plan
    try createFolder(set)
    _ = try Draft(set, plan: plan, shards: ShardList(0..<1))
    try AtomicFile.write("{\"identity\":", to: Draft.descriptionPath(set))
    let error = #expect(throws: Problem.self) { try make() }
    #expect(error?.place == Draft.descriptionPath(set) && error?.what == "is damaged")
    unlink(Draft.descriptionPath(set))
    try make()
  }

  private func fileNumber(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
  }
}
