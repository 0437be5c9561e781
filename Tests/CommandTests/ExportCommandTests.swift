import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

/// `dcpt-data export`, and back by `import`.
@Suite(.serialized) struct ExportCommandTests {
  private let folder = TemporaryFolder()

  @Test("a set that is exported and imported again has the same pixels") func roundTrip() throws {
    let recipe = folder.file("recipe.yaml")
    try AtomicFile.write(
      "classes: 10d\ngt_size: 48\ncount: 30\nseed: 3\nplanes: [mask, transmission]\n", to: recipe)
    let set = folder.file("set/manifest.json")
    #expect(try Program.data.run(["synth", recipe, "--out", folder.file("set")]).status == 0)
    let out = folder.file("folders")
    let export = try Program.data.run(["export", set, "--out", out, "--planes"])
    #expect(export.output == "\(out): 30 pairs\n" && export.status == 0, "\(export.errors)")
    let imported = try Program.data.run([
      "import", "--lq", out + "/lq", "--gt", out + "/gt", "--class", "haze", "--out",
      folder.file("again"),
    ])
    #expect(imported.status == 0, "\(imported.errors)")
    let (first, second) = (
      try RecordReader(manifest: set),
      try RecordReader(manifest: folder.file("again/manifest.json"))
    )
    #expect(second.count == 30)
    var planes = 0
    for index in 0..<30 {
      #expect(try second.label(index).sourceID == "gt/\(Record.key(index)).png")
      try first.withPair(index) { lq, gt, _ in
        try second.withPair(index) { lqAgain, gtAgain, _ in
          #expect(lq.elementsEqual(lqAgain) && gt.elementsEqual(gtAgain))
        }
      }
      for name in try first.label(index).planes {
        let file = try readFile("\(out)/planes/\(name)/\(Record.key(index)).npy")
        let again = try file.withUnsafeBytes { try NPYArray(parsing: $0, place: name) }
        #expect(try again == first.plane(index, name))
        planes += 1
      }
    }
    #expect(planes > 3)
    let again = try Program.data.run(["export", set, "--out", out, "--planes"])
    #expect(again.output == "\(out): 30 pairs, 30 of them were there\n")
    let other = try Program.data.run(["export", set, "--out", out])
    #expect(other.status == 1)
    #expect(
      other.errors.hasPrefix("\(out): holds another export: its 'planes' is true, not false\n"))
  }

  @Test("ranges and classes that cannot be are one line") func wrong() throws {
    let recipe = folder.file("recipe.yaml")
    try AtomicFile.write("classes: 5d\ngt_size: 32\ncount: 6\n", to: recipe)
    #expect(try Program.data.run(["synth", recipe, "--out", folder.file("set")]).status == 0)
    let set = folder.file("set/manifest.json")
    let range = try Program.data.run([
      "export", set, "--out", folder.file("x"), "--records", "4..9",
    ])
    #expect(range.errors.hasPrefix("--records: '4..9' is no range of records\n"))
    let end = try Program.data.run(["export", set, "--out", folder.file("x"), "--records", "4...9"])
    #expect(end.errors == "--records: there is no record 9: the set has 6\n  the last is 5\n")
    let name = try Program.data.run(["export", set, "--out", folder.file("x"), "--class", "hase"])
    #expect(name.errors == "--class: the set has no 'hase'\n  did you mean 'haze'?\n")
  }

  @Test("import takes a layout, two sources of the same names, or tars, and no mixture")
  func importUsage() throws {
    for arguments in [
      ["--lq", "a", "--gt", "b"],
      ["--tars", "a.tar", "--lq-field", "lq.png", "--gt-field", "gt.png"],
      ["--tars", "a.tar", "--lq", "a", "--gt", "b", "--class", "haze"],
      ["x.yaml", "a", "--tars", "a.tar"],
    ] {
      let result = try Program.data.run(["import"] + arguments + ["--out", folder.file("x")])
      #expect(result.status == 64, "\(arguments)")
    }
    let lmdb = try Program.data.run([
      "import", "--lq", Fixtures.path("lmdb/lq.lmdb"), "--gt", Fixtures.path("lmdb/gt.lmdb"),
      "--class", "haze", "--out", folder.file("lmdb"),
    ])
    #expect(lmdb.status == 0 && lmdb.output.contains("9 records in 1 shards"), "\(lmdb.errors)")
    let tars = try Program.data.run([
      "import", "--tars", Golden.path("records/png-0*.tar"), Golden.path("records/npy-000000.tar"),
      "--lq-field", "lq.png;lq.npy", "--gt-field", "gt.png;gt.npy", "--class-field", "json:kind",
      "--out", folder.file("tars"),
    ])
    #expect(tars.status == 0, "\(tars.errors)")
    let verify = try Program.data.run(["verify", folder.file("tars/manifest.json")])
    #expect(verify.status == 0)
  }
}
