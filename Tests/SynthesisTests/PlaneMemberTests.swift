import Basics
import Degradations
import Foundation
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Planes as members of records: asked for, checked, and in nobody's way.
@Suite struct PlaneMemberTests {
  private let folder = TemporaryFolder()
  private static let text = """
    classes: 10d
    gt_size: 32
    count: 40
    seed: 5
    records_per_shard: 8

    """

  private func make(_ text: String, into name: String, workers: Int = 2) throws -> Manifest {
    let synthesizer = try Synthesizer(try recipe(text, in: folder), split: .train, workers: workers)
    return try #require(try synthesizer.run(into: folder.file(name)))
  }

  private func shards(_ folder: String) throws -> [[UInt8]] {
    try content(folder).filter { $0.key.hasSuffix(".tar") }.sorted { $0.key < $1.key }
      .map(\.value)
  }

  @Test("a set with planes is intact, holds the pictures of one without, and names its planes")
  func set() throws {
    _ = try make(PlaneMemberTests.text, into: "plain")
    let planes = "planes: [mask, transmission, radius, kernel, illumination, depth]\n"
    _ = try make(PlaneMemberTests.text + planes, into: "planes")
    let path = folder.file("planes/manifest.json")
    #expect(try DataSetCheck(manifest: path).findings == [])
    let plain = try RecordReader(manifest: folder.file("plain/manifest.json"))
    let reader = try RecordReader(manifest: path)
    var found: Set<String> = []
    for index in 0..<reader.count {
      let (label, other) = (try reader.label(index), try plain.label(index))
      #expect(other.planes == [] && label.planes.contains("depth"))
      #expect(label.json["chain"] == other.json["chain"])
      found.formUnion(label.planes)
      for name in label.planes where !name.hasSuffix("-kernel") {
        #expect(try reader.plane(index, name).header.shape == [32, 32])
      }
      let pair = try reader.withPair(index) { lq, gt, _ in [Array(lq), Array(gt)] }
      #expect(try plain.withPair(index) { lq, gt, _ in [Array(lq), Array(gt)] } == pair)
    }
    for name in ["inpainting-mask", "haze-transmission", "motion-blur-kernel", "depth"] {
      #expect(found.contains(name), "\(found)")
    }
    let summary = try DataSetSummary(reader)
    #expect(summary.text.contains("planes: ") && summary.text.contains("depth in 40"))
    #expect(reader.manifest.recipe["planes"]?.array?.count == 6)
  }

  @Test("any number of workers writes the same bytes, and a run that was ended goes on")
  func workers() throws {
    let text = PlaneMemberTests.text + "planes: [kernel, mask]\n"
    _ = try make(text, into: "one", workers: 1)
    _ = try make(text, into: "three", workers: 3)
    #expect(try content(folder.file("one")) == content(folder.file("three")))
    let whole = try content(folder.file("one"))
    let recipe = try recipe(text, in: folder)
    try unseal(folder.file("one"), try Synthesizer(recipe, split: .train, workers: 1).plan)
    unlink(folder.file("one/shard-000002.tar"))
    _ = try make(text, into: "one", workers: 1)
    #expect(try content(folder.file("one")) == whole)
  }

  @Test("records of one size but other planes have no common stride")
  func layouts() throws {
    // Masks of rain and of drops are equally long, but stand under names of their own.
    let text = """
      classes: 12d
      gt_size: 32
      count: 16
      degradations: {rain-streak: {}, raindrop: {}}
      planes: [mask]

      """
    let manifest = try make(text, into: "set")
    #expect(manifest.shards.allSatisfy { $0.stride == nil })
    let reader = try RecordReader(manifest: folder.file("set/manifest.json"))
    for index in 0..<reader.count {
      let label = try reader.label(index)
      let name = label.className + "-mask"
      #expect(label.planes == [name])
      #expect(try reader.plane(index, name).header.type == "<f4")
    }
  }

  @Test("one flipped bit in a plane is found, and the record named")
  func flipped() throws {
    let text = PlaneMemberTests.text.replacingOccurrences(of: "40", with: "8") + "planes: [depth]\n"
    let manifest = try make(text, into: "set")
    let path = folder.file("set/shard-000000.tar")
    var bytes = try readFile(path)
    // The first member of the first record is its depth.
    bytes[512 + 128 + 40] ^= 1
    try AtomicFile.write(bytes, to: path)
    let findings = try DataSetCheck(manifest: folder.file("set/manifest.json")).findings
    #expect(findings.contains { $0.record == "000000000" && $0.what.contains("depth.npy") })
    let reader = try RecordReader(manifest: folder.file("set/manifest.json"))
    #expect(throws: Problem.self) { try reader.plane(0, "depth") }
    // The pictures beside it are whole.
    try reader.withPair(0) { lq, gt, _ in #expect(lq.count == gt.count) }
    #expect(manifest.records == 8)
  }

  @Test("an unknown plane is refused with its line and the nearest valid one") func unknown() throws
  {
    let error = #expect(throws: Problem.self) {
      try recipe("classes: 5d\nplanes: [mask, kernal]\n", in: folder)
    }
    #expect(error?.what == "'planes' names 'kernal', which is no plane")
    #expect(error?.fix == "did you mean 'kernel'?")
    #expect(error?.place.hasSuffix("sample.yaml:2") == true)
  }

  @Test("NumPy reads the planes") func python() throws {
    _ = try make(
      PlaneMemberTests.text.replacingOccurrences(of: "40", with: "8") + "planes: [depth]\n",
      into: "set")
    let script = """
      import ast, struct, sys, tarfile
      t = tarfile.open(sys.argv[1])
      data = t.extractfile('000000001.depth.npy').read()
      size = struct.unpack('<H', data[8:10])[0]
      head = ast.literal_eval(data[10:10 + size].decode())
      values = struct.unpack('<1024f', data[10 + size:])
      print(head['descr'], head['shape'], min(values) >= 0 and max(values) <= 1)
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, folder.file("set/shard-000000.tar")]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // 127: there is no python3 here, so there is nothing to compare with.
    if process.terminationStatus != 127 { #expect(output == "<f4 (32, 32) True\n") }
  }
}
