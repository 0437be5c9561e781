import Basics
import Degradations
import Foundation
import TestSupport
import Testing

/// What `dcpt-data` leaves behind when it is killed, or when the disk or the folder fails it.
@Suite(.serialized) struct CrashTests {
  let folder = TemporaryFolder()

  @Test("killed at random moments and resumed, a set ends with the bytes of a run never killed")
  func killed() throws {
    let recipe = try wholeCatalog(count: 60)
    let start = monotonicSeconds()
    let whole = try makeWhole(recipe)
    let time = monotonicSeconds() - start
    var random = RandomStream(seed: 20, index: 0)
    var (kills, sets) = (0, 0)
    while kills < Effort.repeats(20, proof: 200) {
      let out = folder.file("killed")
      kills += try finish(
        ["synth", recipe, "--out", out, "--workers", "2", "--resume"], within: time, &random
      ) { try checkFinalNames(out, whole) }
      #expect(try files(in: out) == whole)
      sets += 1
      try FileManager.default.removeItem(atPath: out)
    }
    #expect(sets > 0)
  }

  @Test("jobs and merges that are killed at random moments end with the bytes of one run")
  func killedJobs() throws {
    let recipe = try wholeCatalog(count: 60)
    let start = monotonicSeconds()
    let whole = try makeWhole(recipe)
    let time = monotonicSeconds() - start
    var random = RandomStream(seed: 21, index: 0)
    var kills = 0
    while kills < Effort.repeats(10, proof: 100) {
      let out = folder.file("killed")
      #expect(try Program.data.run(["synth", recipe, "--out", out, "--plan"]).status == 0)
      let parts = ["8...11", "0..<5", "5...7"]
      let first = random.integer(below: 3)
      for part in parts[first...] + parts[..<first] {
        kills += try finish(
          ["synth", recipe, "--out", out, "--workers", "2", "--shards", part], within: time / 3,
          &random
        ) { try checkFinalNames(out, whole) }
      }
      kills += try finish(["merge", out], within: 0.06, &random) {
        try checkFinalNames(out, whole)
      }
      #expect(try files(in: out).filter { $0.key != "plan.json" } == whole)
      try FileManager.default.removeItem(atPath: out)
    }
  }

  @Test("the same shards are not made twice at once, and a killed process holds none of them")
  func locked() throws {
    // Pictures so large that the first is at work for minutes.
    let recipe = try writeRecipe(count: 40000, size: 256)
    let out = folder.file("set")
    let first = try Program.data.start(
      ["synth", recipe, "--out", out, "--workers", "1", "--shards", "0..<5000"])
    defer { if first.isRunning { kill(first.processIdentifier, SIGKILL) } }
    #expect(first.wait { exists(out + "/shard-000000.tar") })
    let second = try Program.data.run(["synth", recipe, "--out", out, "--shards", "4998...5001"])
    #expect(second.status == 1)
    #expect(
      second.errors == """
        \(out): shards 4998...4999 are being made by another dcpt-data
          wait until it ends, or make other shards with --shards

        """)
    #expect(try Program.data.run(["synth", recipe, "--out", out]).status == 1)
    #expect(try Program.data.run(["merge", out]).status == 1)
    // So nobody has waited for the first to end.
    #expect(first.isRunning)
    let other = try Program.data.run(["synth", recipe, "--out", out, "--shards", "5000...5001"])
    #expect(other.status == 0, "\(other.errors)")
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    let next = try Program.data.run(["synth", recipe, "--out", out, "--shards", "4998...5001"])
    #expect(next.status == 0, "\(next.errors)")
  }

  @Test(
    "a full disk is one line, whatever it interrupts; with room again the set is finished",
    .enabled(if: SmallDisk.isPossible))
  func fullDisk() throws {
    let disk = SmallDisk(path: folder.file("disk"))
    let recipe = try writeRecipe(count: 12)
    let whole = try makeWhole(recipe)
    let total = whole.values.reduce(0) { $0 + ($1.count + 4095) / 4096 * 4 }
    var failures = 0
    var status: Int32 = 1
    for size in stride(from: 4, to: total + 100, by: 4) {
      try disk.mount("size=\(size)k")
      defer { disk.unmount() }
      let out = disk.path + "/set"
      let result = try Program.data.run(["synth", recipe, "--out", out, "--workers", "1"])
      status = result.status
      if status != 0 {
        failures += 1
        #expect(status == 1)
        let lines = result.errors.split(separator: "\n").suffix(2)
        #expect(lines.first?.hasPrefix(disk.path + "/set") == true, "\(result.errors)")
        #expect(lines.first?.hasSuffix(": No space left on device") == true, "\(result.errors)")
        #expect(lines.last == "  free some disk space or choose another folder")
        try checkFinalNames(out, whole)
        try disk.change("size=8m")
        #expect(try Program.data.run(["synth", recipe, "--out", out, "--resume"]).status == 0)
      }
      #expect(try files(in: out) == whole)
    }
    #expect(failures > 5 && status == 0)
  }

  @Test("a limit of the size of files is one line, and nothing half-written has a final name")
  func fileLimit() throws {
    let out = folder.file("set")
    let recipe = try writeRecipe(count: 40)
    let result = try Program(path: "/bin/sh").run([
      "-c", "ulimit -f 20; exec \"$@\"", "sh", Program.data.path, "synth", recipe, "--out", out,
    ])
    #expect(result.status == 1)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 2, "\(result.errors)")
    #expect(lines.first?.contains("/shard-00000") == true)
    #expect(lines.first?.hasSuffix(".tar: cannot be written: File too large") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: out) == [])
  }

  @Test(
    "a folder that cannot be written is one line, and what is in it stays",
    .enabled(if: SmallDisk.isPossible))
  func readOnly() throws {
    let disk = SmallDisk(path: folder.file("disk"))
    try disk.mount("size=8m")
    defer { disk.unmount() }
    let recipe = try writeRecipe(count: 12)
    let out = disk.path + "/set"
    #expect(try Program.data.run(["synth", recipe, "--out", out]).status == 0)
    let whole = try files(in: out)
    unlink(out + "/shard-000001.tar")
    try disk.change("ro")
    for arguments in [
      ["synth", recipe, "--out", out], ["synth", recipe, "--out", out, "--resume"],
      ["synth", recipe, "--out", disk.path + "/other"],
      ["synth", recipe, "--out", disk.path + "/other", "--plan"],
      ["synth", recipe, "--out", disk.path + "/other", "--shards", "0"],
    ] {
      let result = try Program.data.run(arguments)
      #expect(result.status == 1)
      let lines = result.errors.split(separator: "\n")
      #expect(lines.count == 2, "\(result.errors)")
      #expect(lines.first?.hasPrefix(disk.path) == true)
      #expect(lines.first?.hasSuffix(": Read-only file system") == true)
      #expect(lines.last == "  choose a folder that can be written")
    }
    #expect(try files(in: out) == whole.filter { $0.key != "shard-000001.tar" })
    try disk.change("rw")
    #expect(try Program.data.run(["synth", recipe, "--out", out]).status == 0)
    #expect(try files(in: out) == whole)
  }

  // MARK: What the tests share

  private func wholeCatalog(count: Int) throws -> String {
    let path = folder.file("catalog.yaml")
    try AtomicFile.write(
      catalogRecipe(DegradationCatalog.all.map { $0.name }, count: count), to: path)
    return path
  }

  func writeRecipe(count: Int, size: Int = 32) throws -> String {
    let path = folder.file("recipe.yaml")
    try AtomicFile.write(
      "classes: 5d\ngt_size: \(size)\nrecords_per_shard: 4\nseed: 3\ncount: \(count)\n", to: path)
    return path
  }

  private func makeWhole(_ recipe: String) throws -> [String: [UInt8]] {
    let out = folder.file("whole")
    let result = try Program.data.run(["synth", recipe, "--out", out, "--workers", "2"])
    #expect(result.status == 0, "\(result.errors)")
    return try files(in: out)
  }

  /// Runs a command again and again, killed at a random moment, until it has come to its end.
  ///
  /// Each time it may take a little longer, so that it does come there on a machine that has become busy.
  ///
  /// - Parameters:
  ///   - seconds: What it takes about, undisturbed.
  ///   - check: Called after each kill.
  /// - Returns: The number of kills.
  func finish(
    _ arguments: [String], within seconds: Double, _ random: inout RandomStream,
    check: () throws -> Void
  ) throws -> Int {
    var (kills, limit) = (0, seconds)
    while try isKilled(arguments, after: random.uniform(0, limit)) {
      kills += 1
      limit *= 1.1
      try check()
    }
    return kills
  }

  /// Starts a command and kills it; false when it had ended well before.
  func isKilled(_ arguments: [String], after seconds: Double) throws -> Bool {
    let process = try Program.data.start(arguments)
    Thread.sleep(forTimeInterval: seconds)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    if process.terminationReason == .uncaughtSignal { return true }
    #expect(process.terminationStatus == 0)
    return false
  }

  /// Checks that whatever stands under a final name is as in the finished set.
  func checkFinalNames(_ out: String, _ whole: [String: [UInt8]]) throws {
    guard exists(out) else { return }
    for (name, bytes) in try files(in: out) where !name.hasPrefix(".") && name != "plan.json" {
      let isSame = bytes == whole[name]
      #expect(isSame, "\(name)")
    }
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The files of a folder with their content; the draft's own folder has none.
  func files(in folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name != ".dcpt-draft" {
      files[name] = try readFile(folder + "/" + name)
    }
    return files
  }
}

/// A disk in memory, of a size or state that tests choose.
///
/// Only root can have one.
private struct SmallDisk {
  let path: String

  /// Whether this process may mount.
  static let isPossible: Bool = {
    let folder = TemporaryFolder()
    let disk = SmallDisk(path: folder.file("disk"))
    defer { disk.unmount() }
    return geteuid() == 0 && (try? disk.mount("size=64k")) != nil
  }()

  func mount(_ options: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try call("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", path])
  }

  /// Changes size or state.
  func change(_ options: String) throws {
    try call("/bin/mount", ["-o", "remount,\(options)", path])
  }

  func unmount() { try? call("/bin/umount", ["-l", path]) }

  private func call(_ program: String, _ arguments: [String]) throws {
    let result = try Program(path: program).run(arguments)
    guard result.status == 0 else { throw Problem(path, "cannot be mounted: \(result.errors)") }
  }
}
