import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

/// The commands that show a set or a shard to people and to other programs.
@Suite(.serialized) struct ViewCommandTests {
  private let folder = TemporaryFolder()

  private func set() throws -> String {
    let recipe = folder.file("recipe.yaml")
    try AtomicFile.write(
      "classes: 5d\nname: a<b\ngt_size: 32\nrecords_per_shard: 8\nseed: 3\ncount: 20\n", to: recipe)
    let synth = try Program.data.run(["synth", recipe, "--out", folder.file("set")])
    #expect(synth.status == 0, "\(synth.errors)")
    return folder.file("set/manifest.json")
  }

  @Test(
    "the page of a set holds its counts, histograms and pictures, and asks for nothing beside it")
  func page() throws {
    let manifest = try set()
    let out = folder.file("set.html")
    let view = try Program.data.run(["view", manifest, "--out", out, "--per-class", "2"])
    #expect(view.status == 0, "\(view.errors)")
    let html = String(decoding: try readFile(out), as: UTF8.self)
    #expect(html.contains("<title>a&lt;b</title>"))
    #expect(!html.contains("src=\"") && !html.contains("href=") && !html.contains("@import"))
    let start = try #require(html.range(of: "id=\"data\">"))
    let end = try #require(html.range(of: "</script>", range: start.upperBound..<html.endIndex))
    let data = try JSON(
      parsing: Array(html[start.upperBound..<end.lowerBound].utf8), place: "the page's data")
    #expect(data["records"] == 20)
    #expect(data["classes"]?.array?.compactMap { $0["records"]?.integer }.reduce(0, +) == 20)
    let bins = data["psnr"]?["counts"]?.array?.flatMap { $0.array ?? [] }.compactMap(\.integer)
    #expect(bins?.reduce(0, +) == 20)
    let samples = try #require(data["samples"]?.array)
    #expect(samples.count == 10)
    let reader = try RecordReader(manifest: manifest)
    for sample in samples {
      let index = try #require(sample["label"]?["index"]?.integer)
      let pair = try reader.withPair(index) { lq, gt, _ in [Array(lq), Array(gt)] }
      #expect(try picture(sample["lq"]) == pair[0])
      #expect(try picture(sample["gt"]) == pair[1])
    }
  }

  private func picture(_ url: JSON?) throws -> [UInt8] {
    let text = try #require(url?.string)
    let png = try #require(
      Data(base64Encoded: String(text.dropFirst("data:image/png;base64,".count))))
    return try PictureFile.decode(Array(png), place: "a sample").image.bytes
  }

  @Test("inspect lists the shards of others, and ends with 1 at damage")
  func inspect() throws {
    let shard = Golden.path("records/npy-000000.tar")
    let found = try Program.data.run(["inspect", shard, "--json"])
    #expect(found.status == 0)
    let json = try JSON(parsing: Array(found.output.utf8), place: "inspect")
    #expect(json["records"]?.array?.map { $0["key"]?.string } == (0..<4).map { "00000\($0)" })
    let bytes = try readFile(shard)
    for record in json["records"]?.array ?? [] {
      for field in record["fields"]?.object ?? [] {
        let offset = try #require(field.value["offset"]?.integer)
        let data = bytes[offset..<offset + (try #require(field.value["size"]?.integer))]
        #expect(field.value["crc32c"]?.string == Checksum.text(Checksum.crc32c(Array(data))))
      }
    }
    let damaged = try Program.data.run(["inspect", Golden.path("records/damaged-header-sum.tar")])
    #expect(damaged.status == 1)
    #expect(damaged.errors.contains("does not fit its checksum"))
    #expect(damaged.output.hasPrefix("1 records, ") || damaged.output.hasPrefix("2 records, "))
  }

  @Test("index writes what DALI's own tool writes", arguments: ["npy", "png"])
  func index(_ form: String) throws {
    let shard = folder.file("\(form)-000000.tar")
    try AtomicFile.write(
      try readFile(Golden.path("records/\(form)-000000.tar")), to: shard)
    #expect(try Program.data.run(["index", shard]).status == 0)
    #expect(
      try readFile(folder.file("\(form)-000000.idx"))
        == readFile(Golden.path("records/\(form)-000000.idx")))
    let manifest = try set()
    #expect(try Program.data.run(["index", manifest]).status == 0)
    #expect(try Program.data.run(["verify", manifest]).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("set"))
    #expect(names.filter { $0.hasSuffix(".idx") }.count == 3)
  }
}
