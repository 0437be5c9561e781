import Basics
import Foundation
import Images
import TestSupport
import Testing

/// The built `dcpt-data repack`, and every other command on what it writes.
@Suite(.serialized) struct RepackCommandTests {
  private let folder = TemporaryFolder()
  private var manifest: String { folder.file("set/manifest.json") }
  private var png: String { folder.file("png/manifest.json") }

  private func make(count: Int = 12) throws {
    let recipe = folder.file("recipe.yaml")
    try AtomicFile.write(
      "classes: 5d\ngt_size: 48\ncount: \(count)\nseed: 3\nrecords_per_shard: 4\n", to: recipe)
    try expectSuccess(["synth", recipe, "--out", folder.file("set")])
  }

  @discardableResult
  private func expectSuccess(_ arguments: [String], _ program: Program = .data) throws -> String {
    let result = try program.run(arguments)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result.output
  }

  private func files(in name: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.file(name))
    where file != ".dcpt-draft" {
      files[file] = try readFile(folder.file(name) + "/" + file)
    }
    return files
  }

  @Test("help tells repack and merge apart, with examples") func help() throws {
    let help = try expectSuccess(["repack", "--help"])
    #expect(help.contains("  dcpt-data repack runs/5d/manifest.json --form png --out ship/5d"))
    #expect(help.contains("merge is another thing"))
    #expect(try expectSuccess(["repair", "--help"]).contains("--accept-pixels"))
  }

  @Test("to PNG and back the commands give the same files") func roundTrip() throws {
    try make()
    let output = try expectSuccess(
      ["repack", manifest, "--form", "png", "--level", "9", "--out", folder.file("png")])
    #expect(output.hasPrefix("\(png): 12 records in 3 shards,\n"))
    try expectSuccess(["repack", png, "--form", "raw", "--out", folder.file("back")])
    #expect(try files(in: "back") == files(in: "set"))
  }

  @Test("every command reads a set of PNG files as it reads the set") func commands() throws {
    try make()
    try expectSuccess(["repack", manifest, "--form", "png", "--out", folder.file("png")])
    for flags in [["--quick"], [], ["--deep", "--sample", "5"]] {
      try expectSuccess(["verify", png] + flags)
    }
    let info = try expectSuccess(["info", png])
    #expect(info.contains("\nform: PNG files, level 3, libpng "))
    let plain = try expectSuccess(["info", manifest])
    let others = Set(info.split(separator: "\n")).symmetricDifference(plain.split(separator: "\n"))
    #expect(
      others.allSatisfy { $0.contains(" shards, ") || $0.contains("PNG") || $0.contains("_id") })
    let names = [manifest: "raw", png: "png"]
    for (set, name) in names {
      try expectSuccess(["grid", set, "--out", folder.file(name + "-grid.png")])
      try expectSuccess(["view", set, "--out", folder.file(name + ".html")])
      try expectSuccess(["index", set])
      let again = try expectSuccess(
        ["synth", "--replay", "\(set):5", "--out", folder.file(name + "-again")])
      #expect(again.hasSuffix(": the same bytes\n"))
    }
    #expect(try readFile(folder.file("raw-grid.png")) == readFile(folder.file("png-grid.png")))
    #expect(try files(in: "raw-again") == files(in: "png-again"))
    let shard = folder.file("png/shard-000000.tar")
    #expect(try expectSuccess(["inspect", shard]).contains("\n  gt.png: "))
    let whole = try readFile(shard)
    var damaged = whole
    damaged[900] ^= 1
    try AtomicFile.write(damaged, to: shard)
    let verdict = try Program.data.run(["verify", png])
    #expect(verdict.output.contains("shard-000000.tar: record 000000000: member gt.png at byte "))
    #expect(
      try expectSuccess(["repair", png])
        == "restored: shard-000000.tar\n\(png): 1 files restored, 2 shards were intact\n")
    #expect(try readFile(shard) == whole)
  }

  @Test("with another zlib repair says what differs, and what it changed when told to accept it")
  func otherZlib() throws {
    try make()
    try expectSuccess(["repack", manifest, "--form", "png", "--out", folder.file("png")])
    var json = try JSON(parsing: try readFile(png), place: png)
    json["png"] = ["level": 9, "libpng": "1.0", "zlib": "0.9"]
    json["dataset_id"] = nil
    let old = Digest.sha256(Array(json.canonical.utf8))
    json["dataset_id"] = .string(old)
    try AtomicFile.write(json.pretty, to: png)
    unlink(folder.file("png/shard-000001.tar"))
    let before = try files(in: "png")
    let refused = try Program.data.run(["repair", png])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("written with level 9, libpng 1.0, zlib 0.9, now with"))
    #expect(refused.errors.contains("\n  add --accept-pixels to take them"))
    #expect(
      try files(in: "png").filter { !$0.key.hasPrefix("SHA") }
        == before.filter { !$0.key.hasPrefix("SHA") })
    let output = try expectSuccess(["repair", png, "--accept-pixels"])
    #expect(output.contains("the same pixels, other bytes: shard-000001.tar\n"))
    #expect(
      output.contains("ATTENTION: the manifest was written anew, the dataset_id has changed\n"))
    #expect(output.contains("  from \(old)\n"))
    try expectSuccess(["verify", png])
    try expectSuccess(["repack", png, "--form", "raw", "--out", folder.file("back")])
    #expect(try files(in: "back") == files(in: "set"))
  }

  @Test("training on PNG files is training on the set, bit for bit") func training() throws {
    try make(count: 20)
    try expectSuccess(["repack", manifest, "--form", "png", "--out", folder.file("png")])
    let recipe = folder.file("train.yaml")
    try AtomicFile.write(
      """
      name: tiny
      stage: finetune
      network_g: {width: 4, enc_blk_nums: [1, 1], middle_blk_num: 1, dec_blk_nums: [1, 1]}
      datasets: {train: {gt_size: 16, batch_size: 4}}
      train: {total_iter: 6}

      """, to: recipe)
    for (set, out) in [(manifest, "a"), (png, "b")] {
      try expectSuccess(
        [
          "finetune", recipe, "--data", set, "--from-scratch", "--threads", "1", "--out",
          folder.file(out),
        ], .train)
    }
    #expect(
      try readFile(folder.file("a/weights.safetensors"))
        == readFile(folder.file("b/weights.safetensors")))
  }

  @Test("wrong flags are named, and nothing is written")
  func usage() throws {
    try make()
    for flags in [["--every", "2", "--sample", "3"], ["--form", "jpeg"]] {
      let result = try Program.data.run(
        ["repack", manifest, "--out", folder.file("x")] + flags)
      #expect(result.status == 64)
    }
    for (flags, place) in [
      (["--level", "10", "--form", "png"], "--level"), (["--level", "3"], "--level"),
      (["--every", "0"], "--every"), (["--sample", "0"], "--sample"),
      (["--records", "3..<3"], "--records"), (["--records", "12"], "--records"),
      (["--records-per-shard", "0"], "--records-per-shard"), (["--class", "hazy"], "--class"),
      (["--out", folder.file("set")], "--out"), (["--workers", "0"], "--workers"),
    ] {
      let out = flags.contains("--out") ? [] : ["--out", folder.file("x")]
      let result = try Program.data.run(["repack", manifest] + flags + out)
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix(place + ": "), "\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("x")))
  }

  @Test(
    "killed at random moments and started again, a set ends with the bytes of a run never killed")
  func killed() throws {
    try make(count: 60)
    let arguments = [
      "repack", manifest, "--form", "png", "--level", "9", "--workers", "2", "--out",
    ]
    let start = monotonicSeconds()
    try expectSuccess(arguments + [folder.file("whole")])
    let time = monotonicSeconds() - start
    let whole = try files(in: "whole")
    var random = RandomStream(seed: 22, index: 0)
    var kills = 0
    while kills < Effort.repeats(12, proof: 60) {
      // A little longer each time, so that it does end on a machine that has become busy.
      var limit = time
      while true {
        let process = try Program.data.start(arguments + [folder.file("killed")])
        Thread.sleep(forTimeInterval: random.uniform(0, limit))
        limit *= 1.1
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        guard process.terminationReason == .uncaughtSignal else { break }
        kills += 1
        guard FileManager.default.fileExists(atPath: folder.file("killed")) else { continue }
        for (name, bytes) in try files(in: "killed") where !name.hasPrefix(".") {
          #expect(bytes == whole[name], "\(name)")
        }
      }
      #expect(try files(in: "killed") == whole)
      try FileManager.default.removeItem(atPath: folder.file("killed"))
    }
  }
}
