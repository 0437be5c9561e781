import Basics
import Foundation
import Images
import TestSupport
import Testing

@testable import Records

/// Records and sets whose pictures are PNG files.
@Suite struct RecordFormTests {
  private let settings = PNGSettings(level: 6)

  @Test("a record becomes PNG files and the very same record again") func roundTrip() throws {
    let record = try SampleSet.record(3, width: 9)
    let packed = try record.inPNGForm(settings)
    #expect(packed.members.map(\.name) == ["gt.png", "json", "lq.png"])
    #expect(packed.form == .png && record.form == .raw)
    for (member, salt) in [(packed.members[0], 2), (packed.members[2], 1)] {
      let picture = try PictureFile.decode(member.bytes, place: member.name)
      #expect(picture.image.bytes == SampleSet.pixels(3, salt, width: 9))
    }
    #expect(try packed.inRawForm() == record)
    #expect(try record.inRawForm() == record)
  }

  @Test("labels differ in the checksums alone, and planes stay as they are") func labels() throws {
    let plane = NPYArray.file([Float](repeating: 0.5, count: 36), shape: [4, 9])
    let plain = try SampleSet.record(3, width: 9)
    let record = try #require(
      Record(
        index: 3, label: try plain.label(place: "a").json, lq: SampleSet.pixels(3, 1, width: 9),
        gt: SampleSet.pixels(3, 2, width: 9), shape: [4, 9, 3],
        planes: [(name: "haze-transmission.npy", bytes: plane)], textSize: SampleSet.size))
    let packed = try record.inPNGForm(settings)
    #expect(packed.members.first { $0.name == "haze-transmission.npy" }?.bytes == plane)
    let (old, new) = (try record.label(place: "a"), try packed.label(place: "b"))
    #expect(old.planes == ["haze-transmission"] && new.planes == old.planes)
    #expect(
      new.json["crc32c"]?.object?.map(\.key)
        == ["gt.png", "haze-transmission.npy", "json", "lq.png"])
    var (oldJSON, newJSON) = (old.json, new.json)
    (oldJSON["crc32c"], newJSON["crc32c"]) = (nil, nil)
    #expect(oldJSON == newJSON)
    #expect(try packed.inRawForm() == record)
  }

  @Test("what is no picture of bytes is refused, with record and member") func noPicture() throws {
    var record = try SampleSet.record(3, width: 9)
    record.members[0].bytes = NPYArray.file([Float](repeating: 0, count: 12), shape: [2, 2, 3])
    let label = try record.label(place: "a").json
    let damaged = record
    record = try #require(record.relabelled(3, label, textSize: SampleSet.size))
    let problem = #expect(throws: Problem.self) { try record.inPNGForm(settings) }
    #expect(problem?.place == "record 000000003, member gt.npy")
    #expect(problem?.what == "is <f4 [2, 2, 3], not a byte picture")
    let other = #expect(throws: Problem.self) { try damaged.inPNGForm(settings) }
    #expect(other?.place == "record 000000003, member json")
    let bare = Record(key: "1", members: [(name: "json", bytes: Array("{}".utf8))])
    #expect(throws: Problem.self) { try bare.inPNGForm(settings) }
  }

  @Test("a set of PNG files is read as one of arrays is", arguments: [false, true])
  func reading(_ growing: Bool) throws {
    let set = try SampleSet(growing: growing, png: settings)
    let raw = try SampleSet(growing: growing)
    let (reader, other) = (
      try RecordReader(manifest: set.manifestPath), try RecordReader(manifest: raw.manifestPath)
    )
    #expect(reader.manifest.form == .png && reader.manifest.png == settings)
    for index in [6, 0, 3, 0, 6] {
      try reader.withPair(index) { lq, gt, shape in
        #expect(shape == (4, growing ? 6 + index : 6, 3))
        #expect(Array(lq) == SampleSet.pixels(index, 1, width: shape.width))
        #expect(Array(gt) == SampleSet.pixels(index, 2, width: shape.width))
      }
      #expect(try reader.classNumber(index) == index % 2)
      #expect(try reader.label(index).planes.isEmpty)
      #expect(try reader.record(index).inRawForm() == other.record(index))
    }
    for (entry, plain) in zip(reader.manifest.shards, other.manifest.shards) {
      #expect(entry.raw == ShardEntry.Raw(bytes: plain.bytes, sha256: plain.sha256))
    }
    for level in CheckLevel.allCases {
      let check = try DataSetCheck(manifest: set.manifestPath, level: level)
      #expect(check.findings.filter { !$0.what.contains("idx") } == [])
    }
  }

  @Test("every flipped bit of a shard is found, and named with its record where it lies in one")
  func flippedBits() throws {
    let set = try SampleSet(count: 3, growing: true, png: settings)
    let path = set.folder.file("shard-000000.tar")
    let whole = try readFile(path)
    let records = whole.withUnsafeBytes { ShardIndex(scanning: $0).records }
    for number in 0..<200 {
      var mutator = Mutator(number)
      let (bytes, at) = mutator.flipped(whole)
      try AtomicFile.write(bytes, to: path)
      let manifest = try Manifest(reading: set.manifestPath)
      let findings = ShardCheck(manifest.shards[0], of: manifest, in: set.folder.path).findings
      #expect(!findings.isEmpty, "byte \(at)")
      let holder = records.first { record in
        record.members.contains {
          $0.member.dataOffset..<$0.member.dataOffset + $0.member.size ~= at
        }
      }
      if let holder { #expect(findings.contains { $0.record == holder.key }, "byte \(at)") }
    }
  }

  @Test("a picture that cannot be decoded is refused with shard, record and member")
  func undecodable() throws {
    let set = try SampleSet(count: 1, png: settings)
    let path = set.folder.file("shard-000000.tar")
    var bytes = try readFile(path)
    // Inside the pixels of gt, whose header fills the first block of the file.
    bytes[512 + 45] ^= 0xFF
    try AtomicFile.write(bytes, to: path)
    let checked = try RecordReader(manifest: set.manifestPath)
    let problem = #expect(throws: Problem.self) { try checked.withPair(0) { _, _, _ in } }
    #expect(problem?.what.contains("member gt.png at byte 512 has CRC-32C ") == true)
    let careless = try RecordReader(manifest: set.manifestPath, checking: .headers)
    let other = #expect(throws: Problem.self) { try careless.withPair(0) { _, _, _ in } }
    #expect(other?.place == path)
    #expect(
      other?.what.hasPrefix("record 000000000, member gt.png cannot be decoded: PNG ") == true)
  }

  @Test("a manifest of PNG files says how they were written, and keeps what it says")
  func manifest() throws {
    let set = try SampleSet(png: PNGSettings(level: 4))
    let manifest = try Manifest(reading: set.manifestPath)
    #expect(manifest.png == PNGSettings(level: 4))
    #expect(manifest.unknown.isEmpty)
    #expect(manifest.json["fields"]?["gt.png"]?["form"] == "png")
    #expect(manifest.json["png"]?["zlib"]?.string == CodecVersions.pngWriter.zlib)
    let text = String(decoding: try readFile(set.manifestPath), as: UTF8.self)
    for (old, new) in [("\"level\": 4", "\"level\": 44"), ("\"zlib\"", "\"zlub\"")] {
      try AtomicFile.write(text.replacingOccurrences(of: old, with: new), to: set.manifestPath)
      let problem = #expect(throws: Problem.self) { try Manifest(reading: set.manifestPath) }
      #expect(problem?.place == set.manifestPath + ": png")
    }
  }
}
