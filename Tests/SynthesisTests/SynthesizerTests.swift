import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

@Suite struct SynthesizerTests {
  private let folder = TemporaryFolder()
  private static let small = """
    classes: 5d
    gt_size: 32
    count: 23
    seed: 5
    records_per_shard: 4

    """

  private func make(
    _ text: String = small, into name: String, workers: Int = 2, clean: [String] = [],
    split: Split = .train
  ) throws -> Manifest {
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    let synthesizer = try Synthesizer(recipe, split: split, workers: workers)
    return try #require(try synthesizer.run(into: folder.file(name)))
  }

  @Test("a set passes its own check, and its labels say what the recipe asked for")
  func labels() throws {
    let manifest = try make(into: "set")
    let path = folder.file("set/manifest.json")
    #expect(try DataSetCheck(manifest: path).findings == [])
    #expect(manifest.records == 23 && manifest.shards.count == 6)
    let reader = try RecordReader(manifest: path)
    #expect(reader.manifest.datasetID == manifest.datasetID)
    for index in 0..<reader.count {
      let label = try reader.label(index)
      #expect(label.json["crop"] != nil && label.json["depth"] != nil)
      #expect(label.chain.count == 1 && label.chain[0].op == label.className)
      try reader.withPair(index) { lq, gt, shape in
        #expect(shape == (32, 32, 3))
        let psnr = Quality.psnr(Array(gt), Array(lq), width: 32, height: 32, channels: 3)
        #expect(abs(psnr - label.psnr) < 1e-4)
        #expect(psnr < 60)
      }
    }
  }

  // A digest of pictures, labels and tar together. It changes only with what a set holds: then sets
  // made before cannot be made again, so raise Provenance.version with it.
  @Test("the demo's sets are those of the reference manifests", arguments: ["validation", "test"])
  func reference(_ name: String) throws {
    let root =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path + "/manifests/"
    let wanted = try Manifest(reading: root + "reference/demo-\(name).json")
    var recipe = try Recipe(reading: root + (name == "test" ? "5d-test.yaml" : "5d.yaml"))
    let count = name == "test" ? nil : 25
    try recipe.override(folders: [], count: count, seed: nil, size: 128)
    let split = try #require(Split(rawValue: name))
    let made = try Synthesizer(recipe, split: split, workers: 2).run(into: folder.file(name))
    // Not the whole manifest: it names the versions of the codecs.
    #expect(made?.shards == wanted.shards)
  }

  @Test("the bytes of a set are the same on every machine") func pinned() throws {
    let text = SynthesizerTests.small.replacingOccurrences(of: "records_per_shard: 4", with: "")
    let manifest = try make(text, into: "pinned")
    #expect(
      manifest.shards.map(\.sha256) == [
        "2c88e495e32157d411bf4142a68cc15ecc2d6de875cb0b61fae5563addb14dd8"
      ])
  }

  @Test("another seed, split or recipe gives other bytes") func different() throws {
    let first = try make(into: "a").shards.map(\.sha256)
    let other = try make(SynthesizerTests.small + "name: x\n", into: "b").shards.map(\.sha256)
    #expect(first == other)
    #expect(try make(into: "c", split: .test).shards.map(\.sha256) != first)
    let seeded = SynthesizerTests.small.replacingOccurrences(of: "seed: 5", with: "seed: 6")
    #expect(try make(seeded, into: "d").shards.map(\.sha256) != first)
  }

  @Test("the same photographs in another folder make the same set") func elsewhere() throws {
    let path = try photos(6, in: folder)
    let second = folder.file("elsewhere")
    try FileManager.default.createDirectory(atPath: second, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: path, toPath: second + "/photos")
    let a = try make(into: "a", clean: [path])
    let b = try make(into: "b", clean: [second + "/photos/"])
    #expect(a.datasetID == b.datasetID)
  }

  @Test(
    "a run that was ended keeps whole shards, makes damaged and missing ones, and ends the same")
  func restart() throws {
    _ = try make(into: "whole")
    let whole = try content(folder.file("whole"))
    _ = try make(into: "half")
    let half = folder.file("half")
    let recipe = try recipe(SynthesizerTests.small, in: folder)
    try unseal(half, try Synthesizer(recipe, split: .train, workers: 1).plan)
    for name in ["shard-000002.tar", "shard-000003.idx"] { unlink(half + "/" + name) }
    var damaged = try readFile(half + "/shard-000001.tar")
    damaged[5000] ^= 1
    try AtomicFile.write(damaged, to: half + "/shard-000001.tar")
    try AtomicFile.write("left over", to: half + "/.shard-000004.tar.tmp-999999999")
    let kept = try FileManager.default.attributesOfItem(atPath: half + "/shard-000000.tar")
    _ = try make(into: "half")
    #expect(try content(half) == whole)
    let now = try FileManager.default.attributesOfItem(atPath: half + "/shard-000000.tar")
    #expect(kept[.systemFileNumber] as? Int == now[.systemFileNumber] as? Int)
  }

  @Test("a folder with another set is refused and left alone") func otherSet() throws {
    _ = try make(into: "set")
    let before = try content(folder.file("set"))
    let error = #expect(throws: Problem.self) {
      try make(SynthesizerTests.small + "space: srgb\n", into: "set")
    }
    #expect(error?.what == "holds the data set 'sample' of another recipe, seed or other pictures")
    #expect(try content(folder.file("set")) == before)
  }

  @Test("shards of another program in the folder are refused") func foreign() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("set"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Golden.path("records/npy-000000.tar"), toPath: folder.file("set/shard-000000.tar"))
    let error = #expect(throws: Problem.self) { try make(into: "set") }
    #expect(error?.what == "holds shards without a manifest")
  }

  @Test("a label that does not fit makes the room larger for the whole set")
  func textSize() throws {
    let planner = try {
      let recipe = try recipe(SynthesizerTests.small, in: folder)
      return RecordPlanner(recipe, .train, try CleanSource(recipe, split: .train, workers: 1))
    }()
    var tight = RecordMaker(planner, textSize: 600)
    #expect(try tight.record(0) == nil)
    var roomy = RecordMaker(planner, textSize: 2048)
    #expect(try roomy.record(0)?.members[1].bytes.count == 2048)
  }

  @Test("labels that outgrow their room are made larger for the whole set, for any workers")
  func longLabels() throws {
    let deep =
      folder.file("photos/")
      + Array(repeating: String(repeating: "d", count: 200), count: 7)
      .joined(separator: "/")
    try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
    let path = try photos(3, in: folder)
    for number in 3..<9 {
      try PNGFile.write(photo(number, width: 50, height: 40), to: "\(deep)/photo-\(number).png")
    }
    let manifest = try make(into: "w1", workers: 1, clean: [path])
    #expect(manifest.recordTextSize == 4096)
    #expect(try DataSetCheck(manifest: folder.file("w1/manifest.json")).findings == [])
    _ = try make(into: "w3", workers: 3, clean: [path])
    #expect(try content(folder.file("w1")) == content(folder.file("w3")))
  }

  @Test("every test photograph is there with each degradation at each level") func grid() throws {
    let text = """
      classes: 5d
      gt_size: 32
      sampling: grid
      levels: [0.1, 0.5, 0.9]
      splits: {test: 1}
      patch: {crop: centre}

      """
    let manifest = try make(text, into: "grid", clean: [try photos(3, in: folder)], split: .test)
    #expect(manifest.records == 3 * 5 * 3)
    let reader = try RecordReader(manifest: folder.file("grid/manifest.json"))
    var cells: Set<String> = []
    var gts: [String: Set<[UInt8]>] = [:]
    for index in 0..<reader.count {
      let label = try reader.label(index)
      cells.insert("\(label.sourceID) \(label.className) \(label.chain[0].severity)")
      try reader.withPair(index) { _, gt, _ in
        _ = gts[label.sourceID, default: []].insert(Array(gt))
      }
    }
    #expect(cells.count == 45)
    #expect(gts.values.map(\.count) == [1, 1, 1])
  }
}
