import Basics
import Foundation
import Records
import TestSupport
import Testing

@Suite struct DataSetCheckTests {
  @Test("an intact set has no findings", arguments: [false, true]) func intact(_ growing: Bool)
    throws
  {
    let set = try SampleSet(growing: growing)
    let check = try DataSetCheck(manifest: set.manifestPath)
    #expect(check.findings == [])
    #expect((check.shards, check.records) == (3, 7))
  }

  @Test("one flipped bit anywhere in a shard is found, and the record named where it lies in one")
  func flippedBits() throws {
    let set = try SampleSet()
    let path = set.folder.file("shard-000001.tar")
    let whole = try readFile(path)
    let manifest = try Manifest(reading: set.manifestPath)
    var random = RandomStream(seed: 1)
    for byte in stride(from: 0, to: whole.count, by: 5) {
      var bytes = whole
      bytes[byte] ^= 1 << random.integer(below: 8)
      try bytes.withUnsafeBytes { buffer in
        let file = try OutputFile(path)
        try file.write(buffer)
      }
      let check = ShardCheck(manifest.shards[1], of: manifest, in: set.folder.path)
      let record =
        byte / SampleSet.recordStride < 3 ? Record.key(3 + byte / SampleSet.recordStride) : nil
      #expect(check.findings.contains { $0.record == record }, "byte \(byte)")
      #expect(check.findings.allSatisfy { $0.record == nil || $0.record == record }, "byte \(byte)")
      #expect(check.findings.allSatisfy { $0.file == "shard-000001.tar" })
    }
  }

  @Test("one flipped bit in a shard of unequal records is found and the record named")
  func flippedBitsWalking() throws {
    let set = try SampleSet(growing: true)
    let path = set.folder.file("shard-000000.tar")
    let whole = try readFile(path)
    let manifest = try Manifest(reading: set.manifestPath)
    let ends = whole.withUnsafeBytes { ShardIndex(scanning: $0) }.records.map { record in
      record.members.map { $0.member.dataOffset + ($0.member.size + 511) / 512 * 512 }.max() ?? 0
    }
    #expect(ends.count == 3 && manifest.shards[0].stride == nil)
    for byte in stride(from: 3, to: ends[2], by: 61) {
      var bytes = whole
      bytes[byte] ^= 4
      try AtomicFile.write(bytes, to: path)
      let check = ShardCheck(manifest.shards[0], of: manifest, in: set.folder.path)
      let number = ends.count { $0 <= byte }
      #expect(check.findings.contains { $0.record == Record.key(number) }, "byte \(byte)")
    }
  }

  @Test("one flipped bit anywhere in the manifest is found")
  func flippedManifest() throws {
    let set = try SampleSet(count: 3)
    let whole = try readFile(set.manifestPath)
    for byte in whole.indices {
      var bytes = whole
      bytes[byte] ^= 1 << UInt8(byte % 8)
      try AtomicFile.write(bytes, to: set.manifestPath)
      let check = try? DataSetCheck(manifest: set.manifestPath)
      #expect(check?.findings.isEmpty != true, "byte \(byte)")
      #expect(check == nil || check?.findings.first?.file == Manifest.fileName)
    }
  }

  @Test("one flipped bit anywhere in the list of digests is found") func flippedSums() throws {
    let set = try SampleSet(count: 3)
    let path = set.folder.file(DataSetSums.fileName)
    let whole = try readFile(path)
    for byte in whole.indices {
      var bytes = whole
      bytes[byte] ^= 1 << UInt8(byte % 8)
      try AtomicFile.write(bytes, to: path)
      #expect(
        try DataSetCheck(manifest: set.manifestPath).findings.isEmpty == false, "byte \(byte)")
    }
  }

  @Test("a shard that is missing, cut, lengthened or not listed is named") func wholeFiles() throws
  {
    func findings(_ damage: (SampleSet) throws -> Void) throws -> [String] {
      let set = try SampleSet()
      try damage(set)
      return try DataSetCheck(manifest: set.manifestPath).findings.map(\.description)
    }
    #expect(
      try findings { unlink($0.folder.file("shard-000001.tar")) }.first
        == "shard-000001.tar: cannot be opened: No such file or directory")
    let cut = try findings { truncate($0.folder.file("shard-000001.tar"), 4000) }
    #expect(cut[0] == "shard-000001.tar: has 4000 bytes, the manifest says 20480")
    #expect(cut[1] == "shard-000001.tar: record 000000004: is cut off: the file ends at byte 4000")
    let longer = try findings {
      let path = $0.folder.file("shard-000001.tar")
      try AtomicFile.write(try readFile(path) + [0], to: path)
    }
    #expect(longer[0] == "shard-000001.tar: has 20481 bytes, the manifest says 20480")
    let stray = try findings { try AtomicFile.write("x", to: $0.folder.file("shard-000009.tar")) }
    #expect(stray == ["shard-000009.tar: is not in the manifest"])
  }

  @Test(
    "a pipe or a folder in a shard's place is named at every level, and nobody waits for the pipe")
  func noRegularFile() throws {
    let set = try SampleSet()
    let path = set.folder.file("shard-000001.tar")
    for make in [{ mkfifo(path, 0o644) }, { mkdir(path, 0o755) }] {
      #expect(remove(path) == 0 && make() == 0)
      for level in CheckLevel.allCases {
        let findings = try DataSetCheck(manifest: set.manifestPath, level: level).findings
        #expect(findings.contains { $0.file == "shard-000001.tar" && $0.what == "is not a file" })
      }
      let reader = #expect(throws: Problem.self) { try RecordReader(manifest: set.manifestPath) }
      #expect(reader?.description == "\(path): is not a file\n  give the path of a file")
      #expect(throws: Problem.self) { try MappedFile(path) }
    }
  }

  @Test("a label that contradicts the manifest is found") func classes() throws {
    let set = try SampleSet()
    var manifest = try Manifest(reading: set.manifestPath)
    manifest.classes = ["rain-streak", "haze"]
    try manifest.write(to: set.manifestPath)
    let findings = try DataSetCheck(manifest: set.manifestPath).findings
    #expect(
      findings.contains {
        $0.description
          == "shard-000000.tar: record 000000001: the label's class 1 'rain-streak' is not in the manifest"
      })
  }

  @Test("Python's tarfile and json read our shards") func python() throws {
    let set = try SampleSet()
    let script = """
      import json, sys, tarfile
      t = tarfile.open(sys.argv[1])
      names = [m.name for m in t]
      label = json.loads(t.extractfile('000000001.json').read())
      print(len(names), names[-1], label['class'], t.getmember('000000001.json').size)
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, set.folder.file("shard-000000.tar")]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // 127: there is no python3 here, so there is nothing to compare with.
    try #require(process.terminationStatus != 127 || output.isEmpty)
    if process.terminationStatus != 127 {
      #expect(output == "9 000000002.lq.npy rain-streak 1024\n")
    }
  }
}
