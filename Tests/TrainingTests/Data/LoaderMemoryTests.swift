import Basics
import Foundation
import Records
import TestSupport
import Testing

@testable import Training

/// What a loader holds, and what is left of it when nobody holds it any more.
///
/// In processes of their own: the tests beside these have threads and memory too.
@Suite struct LoaderMemoryTests {
  @Test("threads and buffers end with their loader, and a batch that is still held stays readable")
  func end() async {
    await #expect(processExitsWith: .success) {
      let source = PaintedPairs(count: 16, side: 96)
      let plan = try BatchPlan(source, patches: .init(size: 96, batch: 8), seed: 1)
      let expected = try BatchLoader(plan).next()
      let threads = LoaderMemoryTests.threads()
      var held: [Int] = []
      for _ in 0..<12 {
        var loader: BatchLoader? = BatchLoader(plan, threads: 3, ahead: 6)
        let batch = try loader?.next()
        require(LoaderMemoryTests.threads() == threads + 3, "no three threads were started")
        loader = nil
        require(batch == expected, "the batch has changed")
        held.append(LoaderMemoryTests.anonymousKiB())
      }
      // The kernel may take a moment to forget a thread that was joined.
      for _ in 0..<60_000 where LoaderMemoryTests.threads() > threads { usleep(1000) }
      require(LoaderMemoryTests.threads() == threads, "threads are left")
      // A loader fills up to 14 buffers of 864 KiB; nine of them would leave 100 MiB.
      require(held[11] - held[2] < 14 * 864, "KiB held: \(held)")
    }
  }

  @Test("reading a record leaves nothing in memory but its bit") func reading() async {
    await #expect(processExitsWith: .success) {
      let (folder, half) = (TemporaryFolder(), 8000)
      let reader = try RecordReader(
        manifest: try LoaderMemoryTests.writeSet(folder, perShard: half))
      func read(_ records: Range<Int>) throws -> Int {
        for index in records {
          try reader.readPair(index) { _ in }
          let number = try reader.pairClass(index).number
          require(number == index % 2, "record \(index)")
        }
        return LoaderMemoryTests.anonymousKiB()
      }
      // The first shard also pays for what is made once.
      let before = try read(0..<half)
      let after = try read(half..<2 * half)
      // The shards are mapped when they are first read, so the folder must live until now.
      withExtendedLifetime(folder) {}
      // 32 bytes a record would be 250 KiB.
      require(after - before < 125, "\(after - before) KiB for \(half) more records")
    }
  }

  // MARK: What the kernel says

  private static func threads() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
  }

  /// The memory of this process that no file stands behind: what it allocated and touched.
  private static func anonymousKiB() -> Int {
    let text = String(decoding: (try? readFile("/proc/self/status")) ?? [], as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first
      .flatMap { Int($0) } ?? 0
  }

  // MARK: A set of many small records

  private static func writeSet(_ folder: TemporaryFolder, perShard: Int) throws -> String {
    var shards: [ShardEntry] = []
    for number in 0..<2 {
      let file = ShardEntry.fileName(number)
      var writer = try ShardWriter(path: folder.file(file))
      let first = number * perShard
      for index in first..<first + perShard { try writer.append(try record(index)) }
      shards.append(
        ShardEntry(
          file: file, first: first, classes: [.init("a", .integer(perShard))],
          result: try writer.finish()))
    }
    let path = folder.file(Manifest.fileName)
    try Manifest(
      name: "small", split: "train", tool: [:], recipe: [:], seed: 0, classes: ["a", "b"],
      recordTextSize: 512, sources: [], setAside: [], shards: shards
    ).write(to: path)
    return path
  }

  private static func record(_ index: Int) throws -> Record {
    let label: JSON = [
      "format": "dcpt-record/1", "key": .string(Record.key(index)), "index": .integer(index),
      "class": index % 2 == 0 ? "a" : "b", "label": .integer(index % 2), "multi": [],
      "source": ["id": "none"], "chain": [], "measured": ["psnr": 20, "ssim": 0.5],
    ]
    let pixels = (0..<192).map { UInt8(truncatingIfNeeded: $0 * 7 + index) }
    return try #require(
      Record(index: index, label: label, lq: pixels, gt: pixels, shape: [8, 8, 3], textSize: 512))
  }
}
