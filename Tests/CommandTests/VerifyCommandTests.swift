import Basics
import Foundation
import TestSupport
import Testing

/// The built `dcpt-data verify` and `repair`.
@Suite(.serialized) struct VerifyCommandTests {
  private let folder = TemporaryFolder()
  private var out: String { folder.file("set") }
  private var manifest: String { folder.file("set/manifest.json") }

  private func make() throws {
    let recipe = folder.file("recipe.yaml")
    try AtomicFile.write(
      "classes: 5d\ngt_size: 32\ncount: 12\nseed: 3\nrecords_per_shard: 4\n", to: recipe)
    #expect(try Program.data.run(["synth", recipe, "--out", out]).status == 0)
  }

  /// Runs `verify --json` and reads its report.
  private func report(_ arguments: String...) throws -> (status: Int32, json: JSON) {
    let result = try Program.data.run(["verify", manifest, "--json"] + arguments)
    return (result.status, try JSON(parsing: result.output.utf8, place: "report"))
  }

  @Test("help of verify and repair has an example", arguments: ["verify", "repair"])
  func help(_ verb: String) throws {
    let result = try Program.data.run([verb, "--help"])
    #expect(result.status == 0 && result.output.contains("  dcpt-data \(verb) runs/"))
  }

  @Test("an intact set is intact at every level, and the report says what was done")
  func intact() throws {
    try make()
    for (flags, level, verdict) in [
      (["--quick"], "quick", "sizes, headers and counts are right"), ([], "default", "intact"),
      (["--deep", "--sample", "5"], "deep", "intact"),
    ] {
      let result = try Program.data.run(["verify", manifest] + flags)
      #expect(result.status == 0)
      let more = level == "deep" ? ", 5 records made again" : ""
      #expect(
        result.output == "\(manifest): \(verdict): 3 shards, 12 records, 0 MB\(more)\n")
      let json = try JSON(
        parsing: try Program.data.run(["verify", manifest, "--json"] + flags).output.utf8,
        place: "report")
      #expect(json["format"] == "dcpt-verify/1" && json["level"]?.string == level)
      #expect(json["intact"] == true && json["findings"] == [])
      #expect(json["records"] == 12)
      #expect(json["made_again"] == (level == "deep" ? 5 : nil))
    }
  }

  @Test("a flipped bit is reported to programs with shard and record, and repair mends it")
  func repair() throws {
    try make()
    let path = out + "/shard-000001.tar"
    let whole = try readFile(path)
    var bytes = whole
    bytes[3000] ^= 1
    try AtomicFile.write(bytes, to: path)
    #expect(try report("--quick").json["intact"] == true)
    let (status, json) = try report()
    #expect(status == 1 && json["intact"] == false)
    #expect(json["findings"]?.array?.first?["file"] == "shard-000001.tar")
    #expect(json["findings"]?.array?.first?["record"] == "000000004")
    let text = try Program.data.run(["verify", manifest])
    #expect(text.errors.contains("run 'dcpt-data repair \(manifest)'"))

    let repair = try Program.data.run(["repair", manifest])
    #expect(repair.status == 0)
    #expect(
      repair.output
        == "restored: shard-000001.tar\n\(manifest): 1 files restored, 2 shards were intact\n")
    #expect(try readFile(path) == whole)
    #expect(try report().json["intact"] == true)
  }

  @Test("a manifest that cannot be read is reported too, and the list of digests confirms it")
  func damagedManifest() throws {
    try make()
    var bytes = try readFile(manifest)
    bytes[0] ^= 1
    try AtomicFile.write(bytes, to: manifest)
    let (status, json) = try report()
    #expect(status == 1 && json["intact"] == false)
    #expect(json["findings"]?.array?.first?["file"]?.string == manifest)
    let text = try Program.data.run(["verify", manifest])
    #expect(text.errors.contains("SHA256SUMS says that it was changed"))
    #expect(try Program.data.run(["repair", manifest]).status == 1)
  }

  @Test("flags that exclude each other, and numbers out of range, are wrong usage")
  func usage() throws {
    for flags in [["--quick", "--deep"], ["--sample", "0"]] {
      #expect(try Program.data.run(["verify", "x"] + flags).status == 64)
    }
    for verb in ["verify", "repair"] {
      let result = try Program.data.run([verb, "x", "--workers", "0"])
      #expect(result.status == 1 && result.errors == "--workers: must be at least 1, not 0\n")
    }
  }
}
