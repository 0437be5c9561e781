import Basics
import Foundation
import Records
import TestSupport
import Testing

@testable import Synthesis

/// One bit is flipped at random places of a set: each time it must be found, named and mended.
@Suite struct FlippedBitTests {
  private let folder = TemporaryFolder()

  @Test(
    "one flipped bit is found, its shard and record are named, and repair restores the shard",
    arguments: ["", "planes: [mask, transmission]\n"])
  func flips(_ more: String) throws {
    let text = "classes: 5d\ngt_size: 16\ncount: 12\nseed: 5\nrecords_per_shard: 4\n" + more
    let out = folder.file("set")
    _ = try Synthesizer(try recipe(text, in: folder), split: .train, workers: 2).run(into: out)
    let manifest = out + "/" + Manifest.fileName
    let whole = try content(out)
    let shards = try Manifest(reading: manifest).shards
    #expect((shards[0].stride == nil) == !more.isEmpty)
    var random = RandomStream(seed: 8)
    for _ in 0..<Effort.repeats(40, proof: 1000) {
      let shard = shards[random.integer(below: shards.count)]
      let (byte, bit) = (random.integer(below: shard.bytes), random.integer(below: 8))
      var bytes = try #require(whole[shard.file])
      let record = FlippedBitTests.record(at: byte, bytes)
      bytes[byte] ^= 1 << bit
      try Data(bytes).write(to: URL(fileURLWithPath: out + "/" + shard.file))

      let findings = try DataSetCheck(manifest: manifest, level: .digests, workers: 2).findings
      let place = "bit \(bit) of byte \(byte) of \(shard.file)"
      #expect(findings.contains { $0.record == record }, "\(place): \(findings)")
      #expect(
        findings.allSatisfy {
          $0.file == shard.file && ($0.record == nil || $0.record == record)
        }, "\(place): \(findings)")

      let repair = try SetRepair(manifest: manifest, workers: 2)
      #expect(try repair.restore(try repair.damagedShards()).restored == [shard.file])
      #expect(try content(out) == whole, "\(place)")
    }
    #expect(try DataSetCheck(manifest: manifest).findings == [])
  }

  /// The key of the record that a byte of an intact shard lies in; nil behind the last.
  private static func record(at byte: Int, _ bytes: [UInt8]) -> String? {
    let records = bytes.withUnsafeBytes { ShardIndex(scanning: $0) }.records
    return records.first { record in
      guard let last = record.members.last?.member else { return false }
      return byte < last.dataOffset + (last.size + 511) / 512 * 512
    }?.key
  }
}
