import Basics
import Foundation
import Images
import TestSupport
import Testing

@testable import Records

/// Readers of files, on files that were changed at random: a million in `make proof`, there under
/// AddressSanitizer and with a limit on single allocations.
@Suite struct FuzzTests {
  private static func count(_ share: Double) -> Int {
    Effort.repeats(Int(20_000 * share), proof: Int(1_000_000 * share))
  }

  /// Runs cases on two threads; what `fault` returns fails the test, with the number of the case.
  private func run(_ count: Int, fault: @Sendable (Int) throws -> String?) {
    do throws(Problem) {
      try Workers.run(count, workers: 2) { number throws(Problem) in
        let found: String?
        do { found = try fault(number) } catch { found = "\(error)" }
        if let found { throw Problem("case \(number)", found) }
        return true
      }
    } catch {
      Issue.record("\(error)")
    }
  }

  private static func golden() throws -> [[UInt8]] {
    try GoldenShards().tars.map { try readFile(Golden.path("records/" + $0)) }
  }

  @Test("changed shards never give a member that is not there, nor the same record twice")
  func shards() throws {
    let files = try FuzzTests.golden()
    run(FuzzTests.count(0.6)) { number in
      var mutator = Mutator(number)
      let bytes = mutator.mutated(files[number % files.count], files)
      return withExactCopy(bytes) { bytes in
        let plain = FuzzTests.fault(of: ShardIndex(scanning: bytes), bytes)
        let known = ShardIndex(scanning: bytes, fields: PictureForm.raw.fields)
        return plain ?? FuzzTests.fault(of: known, bytes)
      }
    }
  }

  @Test("a shard with one flipped bit, or cut, gives only records that were written, and says so")
  func damagedShards() throws {
    let path = Golden.path("records/npy-000000.tar")
    let file = try readFile(path)
    let whole = file.withUnsafeBytes { ShardIndex(scanning: $0) }
    run(FuzzTests.count(0.15)) { number in
      var mutator = Mutator(number)
      let bytes = number % 2 == 0 ? mutator.flipped(file).bytes : mutator.cut(file)
      return withExactCopy(bytes) { bytes in
        let index = ShardIndex(scanning: bytes, fields: PictureForm.raw.fields)
        guard index.records == Array(whole.records.prefix(index.records.count)) else {
          return "records that were not written: \(index.records.map(\.fields))"
        }
        // Without a word about the fields, the first of two records tells those of the second.
        let plain = ShardIndex(scanning: bytes)
        let begun = Array(index.records.prefix(plain.records.count))
        guard plain.records == begun || plain.records.count == 1 else {
          return "otherwise with its fields unknown: \(plain.records.map(\.fields))"
        }
        let isKnown = index.damage != nil || !index.hasTrailer
        let isWhole = index.records.count == whole.records.count
        return isKnown || isWhole ? nil : "records lost in silence"
      }
    }
  }

  @Test("changed arrays are refused, or have the bytes that their shape needs")
  func arrays() throws {
    let (index, file) = try GoldenShards.index("npy-headers.tar")
    let files = index.records.flatMap(\.members).map { file.data($0.member) }
    run(FuzzTests.count(0.1)) { number in
      var mutator = Mutator(number)
      let bytes = mutator.mutated(files[number % files.count], files)
      return withExactCopy(bytes) { bytes in
        guard let array = try? NPYArray(parsing: bytes, place: "x.npy") else { return nil }
        let header = array.header
        let end = header.dataOffset + header.count * header.itemSize
        let fits = header.shape.reduce(1, *) == header.count && end <= bytes.count
        return fits && array.bytes.count == header.count * header.itemSize ? nil : "\(header)"
      }
    }
  }

  @Test("changed JSON is refused, or reads back as what it was read as")
  func json() throws {
    let files = try FuzzTests.texts()
    run(FuzzTests.count(0.1)) { number in
      var mutator = Mutator(number)
      let bytes = mutator.mutated(files[number % files.count], files)
      withExactCopy(bytes) { bytes in
        if RecordText.isIntact(bytes) { _ = try? RecordLabel(parsing: bytes, place: "x") }
      }
      guard let json = try? JSON(parsing: bytes, place: "x") else { return nil }
      if let manifest = try? Manifest(json, place: "x"), manifest.records < 0 { return "records" }
      return try JSON(parsing: json.compact.utf8, place: "x") == json ? nil : json.compact
    }
  }

  @Test("a label with one flipped bit does not fit its checksum")
  func labels() throws {
    let text = try #require(try FuzzTests.texts().first)
    run(text.count * 8) { number in
      var bytes = text
      bytes[number / 8] ^= 1 << UInt8(number % 8)
      return withExactCopy(bytes) { RecordText.isIntact($0) ? "taken for intact" : nil }
    }
  }

  @Test("changed PNG files, their checksums mended, are refused or have the pixels of their shape")
  func pictures() throws {
    let files = [0, 6, 9].map { level in
      SampleSet.pixels(level, 1, width: 9).withUnsafeBytes {
        PNGFile.encode($0, shape: [4, 9, 3], level: level)
      }
    }
    run(FuzzTests.count(0.1)) { number in
      var mutator = Mutator(number)
      let bytes = mutator.mutatedPNG(files[number % files.count], files)
      return withExactCopy(bytes) { bytes in
        guard let codes = try? PNGFile.codes(bytes, place: "x.png") else { return nil }
        let fits = codes.shape.count == 3 && codes.shape.reduce(1, *) == codes.bytes.count
        let isBounded = codes.bytes.count / 1032 <= bytes.count
        return fits && isBounded ? nil : "\(codes.shape)"
      }
    }
  }

  @Test("of changed shards of a set, a reader hands out what was written or refuses")
  func sets() throws {
    let sets = try FuzzTests.sampleSets()
    let originals = try sets.map { try readFile($0.folder.file("shard-000000.tar")) }
    let golden = try FuzzTests.golden()
    // One job for each set, since a case changes its files.
    let share = FuzzTests.count(0.017)
    run(3) { place in
      let (set, original) = (sets[place], originals[place])
      for number in 0..<share {
        var mutator = Mutator(3 * number + place)
        let bytes = mutator.mutated(original, golden + [original])
        try Data(bytes).write(to: URL(fileURLWithPath: set.folder.file("shard-000000.tar")))
        if let fault = try FuzzTests.fault(of: set, isChanged: bytes != original) {
          return "\(number): \(fault)"
        }
      }
      return nil
    }
  }

  @Test("of changed manifests, sealed again, a reader hands out what was written or refuses")
  func manifests() throws {
    let sets = try FuzzTests.sampleSets()
    let share = FuzzTests.count(0.017)
    run(3) { place in
      let set = sets[place]
      let original = try readFile(set.manifestPath)
      for number in 0..<share {
        var mutator = Mutator(3 * number + place)
        let bytes = mutator.mutated(original, [original])
        guard var json = try? JSON(parsing: bytes, place: "x") else { continue }
        json["dataset_id"] = .string(Manifest.digest(json))
        try Data(json.pretty.utf8).write(to: URL(fileURLWithPath: set.manifestPath))
        if let fault = try FuzzTests.fault(of: set, isChanged: false) {
          return "\(number): \(fault)"
        }
      }
      return nil
    }
  }
}

extension FuzzTests {
  /// Sets with equal and with growing records, and one of PNG files.
  private static func sampleSets() throws -> [SampleSet] {
    [
      try SampleSet(), try SampleSet(growing: true),
      try SampleSet(growing: true, png: PNGSettings(level: 6)),
    ]
  }

  /// A record's label and a manifest.
  private static func texts() throws -> [[UInt8]] {
    let set = try SampleSet()
    let label = try SampleSet.record(1, width: 6).members.first { $0.name == Record.textField }
    return [try #require(label).bytes, try readFile(set.manifestPath)]
  }

  /// What an index says that the bytes do not hold.
  private static func fault(of index: ShardIndex, _ bytes: UnsafeRawBufferPointer) -> String? {
    var end = 0
    var keys: Set<String> = []
    for record in index.records {
      guard keys.insert(record.key).inserted else { return "key \(record.key) comes twice" }
      guard Set(record.fields).count == record.fields.count else { return "\(record.fields)" }
      for (_, member) in record.members {
        guard member.headerOffset >= end, member.dataOffset == member.headerOffset + 512,
          member.size >= 0, member.size <= bytes.count - member.dataOffset
        else { return "\(member) in \(bytes.count) bytes" }
        end = member.dataOffset + (member.size + 511) / 512 * 512
        // Touches every byte.
        _ = Checksum.crc32c(
          UnsafeRawBufferPointer(rebasing: bytes[member.dataOffset...].prefix(member.size)))
      }
    }
    guard end <= bytes.count else { return "padding behind byte \(bytes.count)" }
    guard let damage = index.damage else { return nil }
    return (0...bytes.count).contains(damage.offset) ? nil : damage.sentence
  }

  /// What a reader hands out that was not written, or what a check does not find.
  private static func fault(of set: SampleSet, isChanged: Bool) throws -> String? {
    for level in CheckLevel.allCases {
      let check = try? DataSetCheck(manifest: set.manifestPath, level: level)
      if isChanged, level != .quick, check?.findings.isEmpty == true {
        return "not found: \(level)"
      }
    }
    guard let reader = try? RecordReader(manifest: set.manifestPath) else { return nil }
    // Without checksums pixels may be others, but what is decoded must not go astray.
    if let careless = try? RecordReader(manifest: set.manifestPath, checking: .headers) {
      for index in 0..<careless.count { _ = try? careless.withPair(index) { lq, _, _ in lq.last } }
    }
    for index in 0..<reader.count {
      _ = try? reader.record(index).inRawForm()
      let isSame = try? reader.withPair(index) { lq, gt, shape in
        Array(lq) == SampleSet.pixels(index, 1, width: shape.width)
          && Array(gt) == SampleSet.pixels(index, 2, width: shape.width)
      }
      _ = try? reader.label(index)
      if isSame == false { return "record \(index) has other pixels" }
    }
    return nil
  }
}
