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
      // Threads have the name of the one that starts them; the runtime's own come and go.
      require(LoaderMemoryTests.nameThread(), "the thread keeps its name")
      let source = PaintedPairs(count: 16, side: 96)
      let plan = try BatchPlan(source, patches: .init(size: 96, batch: 8), seed: 1)
      let expected = try BatchLoader(plan).next()
      var held: [Int] = []
      for _ in 0..<40 {
        var loader: BatchLoader? = BatchLoader(plan, threads: 3, ahead: 3)
        let batch = try loader?.next()
        require(LoaderMemoryTests.threads() >= 1 + 3, "no three threads were started")
        loader = nil
        require(batch == expected, "the batch has changed")
        held.append(LoaderMemoryTests.anonymousKiB())
      }
      // The kernel may take a moment to forget a thread that was joined.
      for _ in 0..<600_000 where LoaderMemoryTests.threads() > 1 { usleep(1000) }
      require(LoaderMemoryTests.threads() == 1, "threads are left")
      // A loader fills two buffers of 864 KiB at least, and eight at most; those of 37 would be 62 MiB at least.
      require(held[39] - held[2] < 40 << 10, "KiB held: \(held)")
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

  private static let name = "loader-test"

  /// Gives the calling thread the name.
  private static func nameThread() -> Bool {
    let file = open("/proc/thread-self/comm", O_WRONLY)
    defer { close(file) }
    return write(file, name, name.utf8.count) == name.utf8.count
  }

  /// The threads of this process that have the name.
  private static func threads() -> Int {
    let tasks = "/proc/self/task"
    let all = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
    return all.count { task in
      (try? readFile("\(tasks)/\(task)/comm")).map { $0.elementsEqual("\(name)\n".utf8) } ?? false
    }
  }

  /// The memory of this process that no file stands behind: what it allocated and touched.
  static func anonymousKiB() -> Int { kernelCounter("RssAnon:", in: "/proc/self/status") ?? 0 }

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
