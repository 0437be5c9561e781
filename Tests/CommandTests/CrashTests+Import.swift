import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

/// What imports and exports leave when they are killed.
extension CrashTests {
  @Test("an import that is killed at random moments ends with the bytes of one that never was")
  func killedImport() throws {
    try makePairs(20)
    let arguments = [
      "import", "--lq", folder.file("lq"), "--gt", folder.file("gt"), "--class", "haze", "--tile",
      "32", "--records-per-shard", "4", "--workers", "2", "--out",
    ]
    let start = monotonicSeconds()
    let result = try Program.data.run(arguments + [folder.file("whole")])
    let time = monotonicSeconds() - start
    #expect(result.status == 0, "\(result.errors)")
    let whole = try files(in: folder.file("whole"))
    #expect(whole.count == 2 * 20 + 2)
    var random = RandomStream(seed: 22, index: 0)
    var kills = 0
    let out = folder.file("killed")
    while kills < Effort.repeats(12, proof: 100) {
      kills += try finish(arguments + [out, "--resume"], within: time, &random) {
        try checkFinalNames(out, whole)
      }
      let isSame = try files(in: out) == whole
      #expect(isSame)
      try FileManager.default.removeItem(atPath: out)
    }
  }

  @Test("an export that is killed at random moments has whole pictures, and goes on")
  func killedExport() throws {
    let set = folder.file("set")
    let recipe = try writeRecipe(count: 120)
    #expect(try Program.data.run(["synth", recipe, "--out", set]).status == 0)
    let arguments = ["export", set + "/manifest.json", "--workers", "2", "--out"]
    let start = monotonicSeconds()
    #expect(try Program.data.run(arguments + [folder.file("whole")]).status == 0)
    let time = monotonicSeconds() - start
    let whole = try pictures(folder.file("whole"))
    var random = RandomStream(seed: 23, index: 0)
    var kills = 0
    let out = folder.file("killed")
    while kills < Effort.repeats(6, proof: 60) {
      kills += try finish(arguments + [out], within: time, &random) {
        for (name, bytes) in try pictures(out) {
          let isSame = bytes == whole[name]
          #expect(isSame, "\(name)")
        }
      }
      let isSame = try pictures(out) == whole
      #expect(isSame)
      for name in ["meta_info.txt", "labels.jsonl", "export.json"] {
        #expect(try readFile(out + "/" + name) == readFile(folder.file("whole/" + name)))
      }
      try FileManager.default.removeItem(atPath: out)
    }
  }

  private func makePairs(_ count: Int) throws {
    for (name, salt) in [("lq", 5), ("gt", 0)] {
      try createFolder(folder.file(name))
      for i in 0..<count {
        let bytes = (0..<64 * 64 * 3).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 + i * 31 + salt) }
        try PNGFile.write(
          Image(width: 64, height: 64, bytes: bytes), to: folder.file("\(name)/\(i).png"))
      }
    }
  }

  /// The finished pictures of an export; those under hidden names are not.
  private func pictures(_ folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for side in ["lq", "gt"] {
      let path = folder + "/" + side
      for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      where !name.hasPrefix(".") {
        files[side + "/" + name] = try readFile(path + "/" + name)
      }
    }
    return files
  }
}
