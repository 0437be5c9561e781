import Basics
import Foundation
import Images
import Photos
import TestSupport
import Testing

@Suite struct PhotoExtractionTests {
  private let folder = TemporaryFolder()
  private let picture = Image(
    width: 6, height: 4, bytes: (0..<72).map { UInt8($0 * 3) })

  private func path(_ name: String) throws -> String {
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    return path
  }

  /// A list of one resource file, one plain file, one file of the large set and one Python package.
  private func list() throws -> PhotoList {
    try AtomicFile.write(
      """
      sources:
        - {folder: train/birds, set: small, package: one, archive: usr/birds.rcc, file: "{}.png",
           photos: {red: [2, Ann, CC0-1.0], blue: [1, Bob, CC-BY-4.0], lost: [1, Cy, CC0-1.0]}}
        - {folder: test/t1, set: small, package: two, file: "usr/{}", photos: {a b.png: [1.5, Di, MIT]}}
        - {folder: train/more, set: all, package: three, file: "usr/{}.png", photos: {x: [1, E, MIT]}}
        - {folder: test/t2, set: small, package: four, from: wheels, file: "{}", photos: {bad.png: [1, F, MIT]}}
      """, to: try path("list.yaml"))
    let png = PNGFile.encode(picture)
    try AtomicFile.write(
      Containers.qt([("red.png", png), ("blue.png", png)]), to: try path("root/usr/birds.rcc"))
    try AtomicFile.write(png, to: try path("root/usr/a b.png"))
    try AtomicFile.write(png, to: try path("root/usr/x.png"))
    try AtomicFile.write("no picture", to: try path("wheels/bad.png"))
    return try PhotoList(reading: folder.file("list.yaml"))
  }

  private func run(_ selection: PhotoSource.Selection = .small, wheels: Bool = true) throws
    -> PhotoExtraction.Summary
  {
    try PhotoExtraction(
      try list(), selection: selection, root: folder.file("root"),
      wheels: wheels ? folder.file("wheels") : nil, out: folder.file("out")
    ).run()
  }

  @Test("photographs are written smaller, in linear light, and what fails is set aside")
  func small() throws {
    let summary = try run()
    #expect(summary.written == 3 && summary.kept == 0)
    #expect(summary.counts == ["train": 2, "test": 1])
    #expect(summary.missing == [folder.file("root/usr/birds.rcc/lost.png")])
    #expect(summary.problems.map(\.place) == [folder.file("wheels/bad.png")])
    let red = try PictureFile.read(folder.file("out/train/birds/red.png")).image
    #expect(red.bytes == picture.toLinear().downscaled(by: 2).toSRGB().bytes)
    #expect(try PictureFile.read(folder.file("out/train/birds/blue.png")).image == picture)
    let odd = try PictureFile.probe(folder.file("out/test/t1/a-b.png"))
    #expect(odd.width == 4 && odd.height == 2)
    #expect(!FileManager.default.fileExists(atPath: folder.file("out/train/more")))
  }

  @Test("the credits name every picture that is there, and no other")
  func credits() throws {
    _ = try run()
    let page = String(decoding: try readFile(folder.file("out/CREDITS.md")), as: UTF8.self)
    #expect(page.contains("| train/birds/red.png | Ann | CC0-1.0 | one | made smaller by 2 |"))
    #expect(page.contains("| test/t1/a-b.png | Di | MIT | two | made smaller by 1.50 |"))
    #expect(page.contains("| Bob | CC-BY-4.0 | one | none |"))
    #expect(!page.contains("Cy"))
  }

  @Test("a second run keeps what is there and adds the large set")
  func again() throws {
    _ = try run()
    let before = try readFile(folder.file("out/train/birds/red.png"))
    let summary = try run(.all, wheels: false)
    #expect(summary.written == 1 && summary.kept == 3)
    #expect(summary.missing.contains("(package four)/bad.png"))
    #expect(try readFile(folder.file("out/train/birds/red.png")) == before)
  }

  @Test(
    "a list of another form is a problem with its line",
    arguments: [
      ("sources: 3", 1, "'sources' is not a list of sections"),
      ("sources:\n  - {folder: a, set: big}", 2, "'sources[0].set' is \"big\", not one of small"),
      ("sources:\n  - {folder: a, set: all}", 2, "'sources[0].package' is missing"),
      (
        "sources:\n  - {folder: a, set: all, package: p, file: f, photos: {x: [1, Ann]}}", 2,
        "'sources[0].photos.x' is no photograph"
      ),
      (
        "sources:\n  - {folder: a, set: all, package: p, file: f,\n     form: wheels}", 3,
        "unknown key 'sources[0].form'"
      ),
    ])
  func badList(_ text: String, _ line: Int, _ what: String) throws {
    try AtomicFile.write(text, to: try path("bad.yaml"))
    let found = try #require(throws: Problem.self) {
      try PhotoList(reading: folder.file("bad.yaml"))
    }
    #expect(found.place == folder.file("bad.yaml") + ":\(line)")
    #expect(found.what.hasPrefix(what), "\(found.what)")
  }
}

@Suite struct PhotoListTests {
  private let list: PhotoList

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    list = try PhotoList(reading: root + "/datasets/photos.yaml")
  }

  private func count(_ prefix: String, _ sets: Set<PhotoSource.Selection>) -> Int {
    list.sources.filter { $0.folder.hasPrefix(prefix) && sets.contains($0.set) }
      .reduce(0) { $0 + $1.photos.count }
  }

  @Test("the project's list has the sets that its documents promise")
  func counts() {
    #expect(count("train/", [.small]) == 117)
    #expect(count("train/", [.small, .all]) == 162)
    #expect(count("validation/", [.small]) == 9)
    #expect(count("test/t1-wild15", [.small]) == 15)
    #expect(count("test/t2-objects20", [.small]) == 20)
    #expect(count("test/t3-classics12", [.small]) == 12)
  }

  @Test("no two photographs go to one file, and none is in two splits")
  func disjoint() {
    var outputs: Set<String> = []
    var places: [String: String] = [:]
    for source in list.sources {
      for (name, _) in source.sorted {
        #expect(outputs.insert(source.output(name)).inserted, "\(source.output(name))")
        let place = "\(source.archive ?? "") \(source.file.replacing("{}", with: name))"
        #expect(places.updateValue(source.folder, forKey: place) == nil, "\(place)")
      }
    }
  }

  @Test("every factor is at least 1")
  func factors() {
    #expect(list.sources.allSatisfy { $0.photos.values.allSatisfy { $0.factor >= 1 } })
  }
}
