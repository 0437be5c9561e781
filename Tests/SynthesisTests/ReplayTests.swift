import Basics
import Foundation
import Images
import Records
import Synthesis
import TestSupport
import Testing

@Suite struct ReplayTests {
  private let folder = TemporaryFolder()

  /// Makes a set and returns its reader.
  private func made(_ text: String, clean: [String] = []) throws -> RecordReader {
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    _ = try Synthesizer(recipe, split: .train, workers: 1).run(into: folder.file("set"))
    return try RecordReader(manifest: folder.file("set/manifest.json"))
  }

  private func requireSame(_ reader: RecordReader, folders: [String]) throws {
    for index in 0..<reader.count {
      let replay = try Replay(try reader.label(index).json, place: "record \(index)")
      let made = try replay.render(folders: folders)
      #expect(made.isSame, "record \(index)")
      try reader.withPair(index) { lq, gt, _ in
        #expect(made.lq.bytes == Array(lq) && made.gt.bytes == Array(gt))
      }
    }
  }

  @Test("generated records are made again from their labels alone, those of mixtures too")
  func generated() throws {
    let plain = try made("classes: 5d\ngt_size: 48\ncount: 10\nseed: 4\n")
    try requireSame(plain, folders: [])
    try FileManager.default.removeItem(atPath: folder.file("set"))
    let mixed = try made(
      """
      classes: mixed
      gt_size: 48
      count: 12
      degradations:
        mixed:
          from: [haze, rain-streak, motion-blur, gaussian-noise]
          lengths: [0, 0, 0.5, 0.5]
      """)
    try requireSame(mixed, folders: [])
  }

  @Test("a sharpened gt is made again, from generated pictures and from photographs")
  func sharpened() throws {
    let clean = try photos(3, in: folder, side: 70)
    let text = "classes: 5d\ngt_size: 48\ncount: 10\nseed: 4\nsplits: {train: 1}\n"
    for (name, folders) in [("generated", []), ("photographs", [clean])] {
      let plain = try made(text, clean: folders)
      let before = try (0..<10).map { try plain.withPair($0) { _, gt, _ in Array(gt) } }
      try FileManager.default.removeItem(atPath: folder.file("set"))
      let sharp = try made(text + "gt_usm: true\n", clean: folders)
      try requireSame(sharp, folders: folders)
      #expect(sharp.manifest.recipe["gt_usm"] == true)
      for index in 0..<10 {
        let gt = try sharp.withPair(index) { _, gt, _ in Array(gt) }
        #expect(gt != before[index], "\(name)")
      }
      try FileManager.default.removeItem(atPath: folder.file("set"))
    }
  }

  @Test("what leaves show is in the label; without it they cannot be drawn again")
  func styles() throws {
    let reader = try made(
      """
      classes: 5d
      gt_size: 48
      count: 5
      clean: {textures: 0.5, depth_of_field: 1, camera_blur: 0.25}
      """)
    try requireSame(reader, folders: [])
    var label = try reader.label(0).json
    #expect(label["source"]?["depth_of_field"]?.double == 1)
    #expect(label["source"]?["blur"]?["background"]?.double != nil)
    label["source"] = ["kind": "dead-leaves"]
    let problem = #expect(throws: Problem.self) {
      try Replay(label, place: "r").render(folders: [])
    }
    #expect(problem?.what == "does not say how its leaves are drawn")
  }

  @Test(
    "records of photographs are made again from label and photograph", arguments: [false, true])
  func photographs(grid: Bool) throws {
    let clean = try photos(4, in: folder, side: 70)
    let sampling = grid ? "sampling: grid\nlevels: [0.5]\n" : "count: 10\n"
    let text =
      "classes: 5d\ngt_size: 48\nseed: 4\nsplits: {train: 1}\n" + sampling
      + "patch: {scale: [1, 1.4], use_rot: true}\n"
    try requireSame(try made(text, clean: [clean]), folders: ["/nowhere", clean])
  }

  @Test("another source, a missing one and another file are refused") func refused() throws {
    let clean = try photos(2, in: folder, side: 70)
    let reader = try made(
      "classes: 5d\ngt_size: 48\ncount: 4\nsplits: {train: 1}\n", clean: [clean])
    let label = try reader.label(0).json
    let replay = try Replay(label, place: "r")
    let missing = #expect(throws: Problem.self) { try replay.render(folders: []) }
    #expect(missing?.fix == "give its folder with --clean")
    for name in try FileManager.default.contentsOfDirectory(atPath: clean) {
      try PNGFile.write(photo(9, width: 70, height: 70), to: clean + "/" + name)
    }
    let other = #expect(throws: Problem.self) { try replay.render(folders: [clean]) }
    #expect(other?.what == "is not the picture that 'r' was made from")
    #expect(throws: Problem.self) { try Replay(["format": "x"], place: "r") }
    var changed = label
    changed["random"] = ["seed": 1, "index": 0]
    #expect(throws: Problem.self) { try Replay(changed, place: "r").render(folders: [clean]) }
  }
}
