import Basics
import Foundation
import TestSupport
import Testing

@testable import Records

@Suite struct RecordReaderTests {
  @Test("what was written is read back, with and without equal strides", arguments: [false, true])
  func roundTrip(_ growing: Bool) throws {
    let set = try SampleSet(growing: growing)
    let reader = try RecordReader(manifest: set.manifestPath)
    #expect(reader.count == 7)
    #expect(reader.manifest.shards[0].stride == (growing ? nil : SampleSet.recordStride))
    for index in [6, 0, 3, 2, 5, 1, 4] {
      let width = growing ? 6 + index : 6
      try reader.withPair(index) { lq, gt, shape in
        #expect(Array(lq) == SampleSet.pixels(index, 1, width: width))
        #expect(Array(gt) == SampleSet.pixels(index, 2, width: width))
        #expect(shape == (4, width, 3))
      }
      let label = try reader.label(index)
      #expect(label.key == "00000000\(index)")
      #expect(label.className == ["haze", "rain-streak"][index % 2])
      #expect(label.chain == [RecordLabel.Step(op: "haze", severity: 0.5)])
      #expect(label.sourceID == "photo-\(index)")
      #expect((label.psnr, label.ssim) == (21.5, 0.75))
    }
  }

  @Test("many threads may read at once") func threads() throws {
    let set = try SampleSet(count: 60)
    let reader = try RecordReader(manifest: set.manifestPath)
    try Workers.run(600, workers: 4) { i throws(Problem) in
      let index = i * 7 % 60
      let lq = try? reader.withPair(index) { lq, _, _ in Array(lq) }
      guard lq == SampleSet.pixels(index, 1, width: 6) else { throw Problem("\(index)", "differs") }
      return try reader.label(index).index == index
    }
  }

  @Test(
    "hostile numbers in a manifest are refused, not trusted",
    arguments: [
      ("\"stride\": 3584", "\"stride\": 9223372036854775807"),
      ("\"records\": 3", "\"records\": 4611686018427387904"),
      ("\"bytes\": 20480", "\"bytes\": -1"), ("shard-000000.tar", "../shard-000000.tar"),
    ])
  func hostileNumbers(_ old: String, _ new: String) throws {
    let set = try SampleSet()
    let text = String(decoding: try readFile(set.manifestPath), as: UTF8.self)
    #expect(text.contains(old))
    try AtomicFile.write(text.replacingOccurrences(of: old, with: new), to: set.manifestPath)
    let error = #expect(throws: Problem.self) { try RecordReader(manifest: set.manifestPath) }
    #expect(error?.what.contains("do not fit each other") == true)
    #expect(throws: Problem.self) { try DataSetCheck(manifest: set.manifestPath) }
  }

  @Test("a manifest keeps unknown keys and its identity") func manifest() throws {
    let set = try SampleSet()
    var manifest = try Manifest(reading: set.manifestPath)
    let identity = manifest.datasetID
    manifest.unknown = [JSON.Member("note", "from later")]
    #expect(manifest.datasetID != identity)
    try manifest.write(to: set.manifestPath)
    #expect(try Manifest(reading: set.manifestPath).unknown == manifest.unknown)
  }

  @Test("another major number is refused by name") func laterFormat() throws {
    let set = try SampleSet()
    let text = String(decoding: try readFile(set.manifestPath), as: UTF8.self)
    try AtomicFile.write(
      text.replacingOccurrences(of: "dcpt-manifest/1", with: "dcpt-manifest/2"),
      to: set.manifestPath)
    let error = #expect(throws: Problem.self) { try RecordReader(manifest: set.manifestPath) }
    #expect(error?.what == "has format 'dcpt-manifest/2', this program reads 'dcpt-manifest/1'")
  }

  @Test("a flipped pixel is refused with shard, record, member and byte") func flippedPixel() throws
  {
    let set = try SampleSet()
    try flip(
      bit: 0, of: 2 * SampleSet.recordStride + 512 + 150, in: set.folder.file("shard-000001.tar"))
    let reader = try RecordReader(manifest: set.manifestPath)
    let error = #expect(throws: Problem.self) { try reader.withPair(5) { _, _, _ in } }
    #expect(error?.place == set.folder.file("shard-000001.tar"))
    #expect(
      error?.what.hasPrefix("record 000000005, member gt.npy at byte 7680 has CRC-32C") == true)
    #expect(try reader.withPair(4) { _, _, _ in true })
    let unchecked = try RecordReader(manifest: set.manifestPath, checking: .headers)
    #expect(try unchecked.withPair(5) { _, _, _ in true })
  }

  @Test("a label of a class that the manifest lacks is refused") func otherClass() throws {
    let set = try SampleSet()
    var manifest = try Manifest(reading: set.manifestPath)
    manifest.classes = ["haze"]
    try manifest.write(to: set.manifestPath)
    let reader = try RecordReader(manifest: set.manifestPath)
    #expect(try reader.label(0).className == "haze")
    let error = #expect(throws: Problem.self) { try reader.label(1) }
    #expect(error?.what == "class 1 'rain-streak' is not in the manifest")
  }

  @Test("a record is checked when it is read first, and not again") func firstTouch() throws {
    let set = try SampleSet()
    let reader = try RecordReader(manifest: set.manifestPath)
    #expect(try reader.withPair(4) { _, _, _ in true })
    // In place, so that the map sees it: record 4 is the second of its shard.
    let file = open(set.folder.file("shard-000001.tar"), O_WRONLY)
    defer { close(file) }
    for record in [1, 2] {
      var byte: UInt8 = 0xFF
      #expect(pwrite(file, &byte, 1, record * SampleSet.recordStride + 512 + 150) == 1)
    }
    #expect(try reader.withPair(4) { _, gt, _ in gt[22] } == 0xFF)
    #expect(throws: Problem.self) { try reader.withPair(5) { _, _, _ in } }
    #expect(throws: Problem.self) { try reader.withPair(5) { _, _, _ in } }
    let another = try RecordReader(manifest: set.manifestPath)
    #expect(throws: Problem.self) { try another.withPair(4) { _, _, _ in } }
  }

  @Test("the quick look at a class is that of the label, before and after a record is read")
  func quickClass() throws {
    let set = try SampleSet(growing: true)
    let reader = try RecordReader(manifest: set.manifestPath)
    for _ in 0..<2 {
      for index in 0..<7 {
        #expect(try reader.classNumber(index) == index % 2)
        #expect(try reader.label(index).classNumber == index % 2)
        try reader.withPair(index) { _, _, _ in }
      }
    }
  }

  @Test(
    "the quick look finds the number behind the first label, or nothing",
    arguments: [
      (#"{"class":"haze","label":12,"x":1}"#, 12), (#"{"class":"\"label\":3","label":4}"#, 4),
      (#"{"label":0}   "#, 0), (#"{"label": 5}"#, nil), (#"{"label":-1}"#, nil),
      (#"{"label":"#, nil),
      (#"{"label":12345678901}"#, nil), ("{}", nil), ("", nil),
    ] as [(String, Int?)])
  func labelScan(_ text: String, _ number: Int?) {
    #expect(Array(text.utf8).withUnsafeBytes { LabelScan.classNumber($0) } == number)
  }

  @Test("a damaged shard that is not read does no harm, and is named when it is")
  func lazyShards() throws {
    let set = try SampleSet()
    try flip(bit: 3, of: 20, in: set.folder.file("shard-000001.tar"))
    let reader = try RecordReader(manifest: set.manifestPath)
    #expect(try reader.label(0).index == 0)
    let error = #expect(throws: Problem.self) { try reader.withPair(3) { _, _, _ in } }
    #expect(error?.place == set.folder.file("shard-000001.tar"))
    #expect(error?.what.hasPrefix("record 000000003, member gt.npy at byte 0: ") == true)
    // A damaged header hides no other record of its shard.
    for index in [4, 5] { #expect(try reader.withPair(index) { _, _, _ in true }) }
  }

  @Test("shards that do not follow each other are refused") func firstRecords() throws {
    let set = try SampleSet()
    var json = try JSON(parsing: try readFile(set.manifestPath), place: "")
    var shards = try #require(json["shards"]?.array)
    shards[1]["first"] = 2
    json["shards"] = .array(shards)
    json["dataset_id"] = nil
    json["dataset_id"] = .string(Digest.sha256(Array(json.canonical.utf8)))
    try AtomicFile.write(json.pretty, to: set.manifestPath)
    let error = #expect(throws: Problem.self) { try RecordReader(manifest: set.manifestPath) }
    #expect(error?.what == "shard 'shard-000001.tar' begins with record 2, 3 is due")
  }

  @Test("a changed tar header is refused with its place") func flippedHeader() throws {
    let set = try SampleSet()
    try flip(bit: 1, of: SampleSet.recordStride + 8, in: set.folder.file("shard-000000.tar"))
    let reader = try RecordReader(manifest: set.manifestPath)
    let error = #expect(throws: Problem.self) { try reader.withPair(1) { _, _, _ in } }
    #expect(
      error?.what
        == "record 000000001, member gt.npy at byte 3584: the tar header is not this member's")
  }

  @Test("a cut shard is refused before it is mapped") func cutShard() throws {
    let set = try SampleSet()
    let path = set.folder.file("shard-000002.tar")
    truncate(path, 4000)
    let error = #expect(throws: Problem.self) { try RecordReader(manifest: set.manifestPath) }
    #expect(error?.place == path)
    #expect(error?.what == "has 4000 bytes, the manifest says 10240")
  }

  @Test("a missing shard and a missing manifest are named") func missing() throws {
    let set = try SampleSet()
    unlink(set.folder.file("shard-000001.tar"))
    let error = #expect(throws: Problem.self) { try RecordReader(manifest: set.manifestPath) }
    #expect(error?.place == set.folder.file("shard-000001.tar"))
    let none = #expect(throws: Problem.self) { try RecordReader(manifest: "/none/manifest.json") }
    #expect(none?.place == "/none/manifest.json")
  }

  @Test("a foreign shard under a right name and size is refused") func foreignShard() throws {
    let set = try SampleSet()
    let golden = try readFile(Golden.path("records/npy-000000.tar"))
    let path = set.folder.file("shard-000000.tar")
    let size = try readFile(path).count
    try AtomicFile.write(Array(golden[..<size]), to: path)
    #expect(throws: Problem.self) {
      let reader = try RecordReader(manifest: set.manifestPath)
      try reader.withPair(0) { _, _, _ in }
    }
  }
}

/// Flips one bit of a file.
func flip(bit: Int, of byte: Int, in path: String) throws {
  var bytes = try readFile(path)
  bytes[byte] ^= 1 << bit
  try AtomicFile.write(bytes, to: path)
}
