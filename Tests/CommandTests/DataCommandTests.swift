import Basics
import Degradations
import Foundation
import TestSupport
import Testing

/// The built `dcpt-data`, from recipe to checked set.
@Suite(.serialized) struct DataCommandTests {
  private let folder = TemporaryFolder()

  @Test(
    "help of every verb has an example",
    arguments: [
      "synth", "merge", "import", "export", "verify", "repair", "info", "grid", "view", "inspect",
      "index",
    ])
  func help(_ verb: String) throws {
    let result = try Program.data.run([verb, "--help"])
    #expect(result.status == 0)
    #expect(result.output.contains("  dcpt-data \(verb) "))
    #expect(result.output.contains("Example"))
  }

  @Test("wrong usage ends with 64, a mistake in files or values with 1 and its place")
  func exitStatuses() throws {
    #expect(try Program.data.run(["synth"]).status == 64)
    #expect(try Program.data.run(["verfy", "x"]).status == 64)
    let missing = try Program.data.run(["synth", folder.file("no.yaml"), "--out", folder.file("x")])
    #expect(missing.status == 1)
    #expect(missing.errors.hasPrefix(folder.file("no.yaml") + ": cannot be opened"))
    let key = try writeRecipe("coun: 5\n")
    let unknown = try Program.data.run(["synth", key, "--out", folder.file("x")])
    #expect(unknown.errors == "\(key):5: unknown key 'coun'\n  did you mean 'count'?\n")
    let recipe = try writeRecipe()
    for (flag, value) in [("--size", "3"), ("--count", "0"), ("--workers", "0"), ("--seed", "-1")] {
      let result = try Program.data.run([
        "synth", recipe, "--out", folder.file("x"), "\(flag)=\(value)",
      ])
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix(flag + ": "))
    }
    let split = try Program.data.run(
      ["synth", recipe, "--out", folder.file("x"), "--split", "tset"])
    #expect(split.errors == "--split: 'tset' is no split\n  did you mean 'test'?\n")
    let clean = try Program.data.run(
      ["synth", recipe, "--out", folder.file("x"), "--clean", folder.file("none")])
    #expect(clean.errors.hasPrefix(folder.file("none") + ": is not a folder"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("x")))
  }

  @Test("synth, verify, info and grid, and one flipped bit") func wholeRoad() throws {
    let out = folder.file("set")
    let synth = try Program.data.run(["synth", try writeRecipe(), "--out", out, "--count", "12"])
    #expect(synth.status == 0, "\(synth.errors)")
    #expect(synth.output.contains("12 records in 3 shards"))
    let manifest = out + "/manifest.json"
    let verify = try Program.data.run(["verify", manifest])
    #expect(verify.status == 0)
    #expect(verify.output == "\(manifest): intact: 3 shards, 12 records, 0 MB\n")
    let info = try Program.data.run(["info", manifest])
    #expect(info.output.contains("\nhaze ") && info.output.contains("\nlow-light "))
    let json = try Program.data.run(["info", manifest, "--json"])
    let parsed = try JSON(parsing: Array(json.output.utf8), place: "info")
    #expect(parsed["records"] == 12)
    let png = folder.file("grid.png")
    #expect(try Program.data.run(["grid", manifest, "--out", png]).status == 0)
    #expect(try readFile(png).starts(with: [0x89, 0x50, 0x4E, 0x47]))

    var bytes = try readFile(out + "/shard-000001.tar")
    bytes[9000] ^= 16
    try AtomicFile.write(bytes, to: out + "/shard-000001.tar")
    let damaged = try Program.data.run(["verify", manifest])
    #expect(damaged.status == 1)
    #expect(damaged.output.contains("shard-000001.tar: record 000000004: "))
    #expect(damaged.errors.contains("\(manifest): "))
  }

  @Test("portable, AVX2 and AVX-512 kernels write the same bytes, as far as this machine has them")
  func instructionSets() throws {
    let recipe = try wholeCatalog(count: Effort.repeats(100, proof: 400))
    var sets: [[String: [UInt8]]] = []
    for isa in ["portable", "avx2", "avx512"] {
      let out = folder.file(isa)
      let result = try Program.data.run(
        ["synth", recipe, "--out", out], environment: ["DCPT_ISA": isa])
      #expect(result.status == 0)
      sets.append(try content(out))
    }
    #expect(sets[1] == sets[0])
    #expect(sets[2] == sets[0])
  }

  @Test("a signal ends synth with whole shards only, and the same command goes on")
  func interrupted() throws {
    // So many that it runs for minutes if nobody ends it.
    let recipe = try writeRecipe("count: 400000\n")
    let out = folder.file("set")
    let process = try Program.data.start(["synth", recipe, "--out", out, "--workers", "2"])
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    #expect(process.wait { FileManager.default.fileExists(atPath: out + "/shard-000000.tar") })
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let names = try FileManager.default.contentsOfDirectory(atPath: out)
    #expect(names.contains("shard-000000.tar") && !names.contains("manifest.json"))
    #expect(names.allSatisfy { !$0.contains(".tmp-") })
    let sizes = try Set(
      names.filter { $0.hasSuffix(".tar") }.map { try readFile(out + "/" + $0).count })
    #expect(sizes.count == 1)
  }

  @Test("a set in parts: plan, jobs, what is missing, and the merge") func parts() throws {
    let recipe = try writeRecipe()
    let (whole, out) = (folder.file("whole"), folder.file("set"))
    #expect(try Program.data.run(["synth", recipe, "--out", whole]).status == 0)
    let plan = try Program.data.run(["synth", recipe, "--out", out, "--plan"])
    #expect(
      plan.output == "\(out)/plan.json: 40 records from generated pictures, shards 0...9\n")
    let job = ["synth", recipe, "--out", out, "--shards"]
    let part = try Program.data.run(job + ["0..<5"])
    #expect(
      part.output == """
        \(out): shards 0...4 are made
          'dcpt-data merge' finishes the set when all 10 are

        """)
    let early = try Program.data.run(["merge", out])
    #expect(early.status == 1)
    #expect(early.errors.contains("\(out): 5 of 10 shards are missing: 5...9\n  make them with "))
    #expect(try Program.data.run(job + ["5..<50"]).status == 0)
    let merge = try Program.data.run(["merge", out])
    #expect(merge.output.contains("40 records in 10 shards"))
    let isSame = try content(out).filter { $0.key != "plan.json" } == content(whole)
    #expect(isSame)
    #expect(
      try Program.data.run(["synth", recipe, "--out", out, "--plan", "--shards", "1"]).status == 64)
    #expect(try Program.data.run(["merge", out, whole]).status == 64)
    let usage = try Program.data.run(job + ["4-6"])
    #expect(usage.errors.hasPrefix("--shards: '4-6' is no range of shards\n"))
  }

  @Test(
    "what is no manifest is refused by every verb", arguments: ["verify", "info", "grid", "view"])
  func noManifest(_ verb: String) throws {
    let path = folder.file("manifest.json")
    let more = verb == "grid" || verb == "view" ? ["--out", folder.file("g.png")] : []
    for (text, what) in [
      ("", "JSON is broken at byte 0"), ("{\"format\": \"other/1\"}", "is not a dcpt-manifest"),
      ("{\"format\": \"dcpt-manifest/1\"}", "key 'name' is missing"),
    ] {
      try AtomicFile.write(text, to: path)
      let result = try Program.data.run([verb, path] + more)
      #expect(result.status == 1)
      #expect(result.errors.contains("\(path): \(what)"), "\(result.errors)")
    }
  }

  /// A recipe of every degradation, alone and in chains.
  private func wholeCatalog(count: Int) throws -> String {
    let path = folder.file("catalog.yaml")
    try AtomicFile.write(
      catalogRecipe(DegradationCatalog.all.map { $0.name }, count: count), to: path)
    return path
  }

  private func writeRecipe(_ more: String = "") throws -> String {
    let path = folder.file("recipe.yaml")
    let count = more.contains("count:") ? "" : "count: 40\n"
    try AtomicFile.write(
      "classes: 5d\ngt_size: 32\nrecords_per_shard: 4\nseed: 3\n" + more + count, to: path)
    return path
  }

  private func content(_ folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = try readFile(folder + "/" + name)
    }
    return files
  }
}
