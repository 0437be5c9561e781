import Basics
import Degradations
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Data sets whose photographs have depth maps.
@Suite struct GivenDepthTests {
  private static let text =
    "classes: 5d\ngt_size: 32\ncount: 12\nseed: 3\nsplits: {train: 1}\n"
    + "patch: {scale: [1, 1.5], use_rot: true}\n"
  private let folder = TemporaryFolder()

  private func given(
    _ clean: [String], _ maps: [String], text: String = GivenDepthTests.text,
    encoding: String = "{kind: distance}", missing: String = "refuse"
  ) throws -> Recipe {
    let list = maps.map { "\"\($0)\"" }.joined(separator: ", ")
    var recipe = try recipe(
      text + "depth:\n  kind: given\n  folders: [\(list)]\n  missing: \(missing)\n"
        + "  encoding: \(encoding)\n", in: folder)
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    return recipe
  }

  private func made(_ recipe: Recipe, _ name: String = "set") throws -> RecordReader {
    _ = try Synthesizer(recipe, split: .train, workers: 2).run(into: folder.file(name))
    return try RecordReader(manifest: folder.file(name) + "/manifest.json")
  }

  private func manifest(_ name: String = "set") throws -> Manifest {
    try Manifest(reading: folder.file(name) + "/manifest.json")
  }

  @Test("an edge in the map stays on the picture's edge, whatever crop, scale, flip and turn")
  func alignment() throws {
    let path = folder.file("photos")
    _ = try photos(0, in: folder)
    func isFar(_ x: Int, _ y: Int) -> Bool { (x / 23 + y / 31) % 3 == 0 || x > 2 * y }
    var image = photo(0, width: 120, height: 90)
    for y in 0..<90 {
      for x in 0..<120 {
        for c in 0..<3 { image[x, y, c] = image[x, y, c] * 0.4 + (isFar(x, y) ? 0.6 : 0) }
      }
    }
    try PNGFile.write(image, to: path + "/photo-0.png")
    let maps = try maps(0..<0, in: folder, side: 0)
    try AtomicFile.write(
      mapFile(120, 90) { isFar($0, $1) ? 1 : 0 }, to: maps + "/photo-0.png")
    let recipe = try given([path], [maps])
    let sampler = PatchSampler(
      recipe: recipe, split: .train, source: try CleanSource(recipe, split: .train, workers: 1))
    for number in 0..<24 {
      let patch = try sampler.patch(number, of: 0)
      var mixed = 0
      for (i, depth) in patch.scene.depth.enumerated() {
        let green = patch.image.pixels[3 * i + 1]
        if depth == 1 { #expect(green > 0.55) } else if depth == 0 { #expect(green < 0.45) }
        mixed += depth > 0 && depth < 1 ? 1 : 0
      }
      #expect(mixed < 32 * 12)
    }
  }

  @Test("records are made again byte for byte; another map and a missing one are refused")
  func replay() throws {
    let (clean, maps) = (
      try photos(4, in: folder, side: 70), try maps(0..<4, in: folder, side: 70)
    )
    let reader = try made(try given([clean], [maps]))
    for index in 0..<reader.count {
      let label = try reader.label(index).json
      #expect(label["depth"]?["kind"] == "given" && label["depth"]?["filled"]?.double == 0)
      #expect(label["depth"]?["encoding"]?["kind"] == "distance")
      #expect(try Replay(label, place: "r").render(folders: [clean], depthFolders: [maps]).isSame)
    }
    let replay = try Replay(try reader.label(0).json, place: "r")
    let missing = #expect(throws: Problem.self) { try replay.render(folders: [clean]) }
    #expect(missing?.what.hasPrefix("was made from the depth map 'photo-") == true)
    #expect(missing?.fix == "give its folder with --depth")
    for number in 0..<4 {
      try AtomicFile.write(mapFile(70, 70) { _, _ in 0.5 }, to: "\(maps)/photo-\(number).png")
    }
    let other = #expect(throws: Problem.self) {
      try replay.render(folders: [clean], depthFolders: [maps])
    }
    #expect(other?.what == "is not the depth map that 'r' was made from")
  }

  @Test("the same recipe with other maps is another set, and does not go on with the first")
  func identity() throws {
    let clean = try photos(3, in: folder, side: 50)
    let recipe = try given([clean], [try maps(0..<3, in: folder, side: 50)])
    _ = try made(recipe)
    let first = try manifest()
    #expect(first.sources.allSatisfy { $0.depth?.id.hasPrefix("maps/photo-") == true })
    #expect(try DataSetCheck(manifest: folder.file("set") + "/manifest.json").findings.isEmpty)
    try AtomicFile.write(
      mapFile(50, 50) { x, _ in Float(x) / 50 }, to: folder.file("maps/photo-0.png"))
    _ = try made(recipe, "other")
    #expect(try manifest("other").datasetID != first.datasetID)
    let error = #expect(throws: Problem.self) { try made(recipe) }
    #expect(error?.what.hasPrefix("holds the data set 'sample' of another recipe") == true)
  }

  @Test("a picture without a map, or with one that cannot be used, is set aside with the reason")
  func setAside() throws {
    let clean = try photos(5, in: folder, side: 50)
    let maps = try maps(0..<2, in: folder, side: 50)
    let unknown = npy([Float](repeating: .nan, count: 6), shape: [2, 3])
    try AtomicFile.write(unknown, to: maps + "/photo-3.npy")
    try AtomicFile.write(mapFile(20, 80) { _, _ in 0 }, to: maps + "/photo-4.tif")
    _ = try made(try given([clean], [maps]))
    let aside = try manifest().setAside
    #expect(
      aside.map(\.file) == ["photos/photo-2.png", "photos/photo-3.png", "photos/photo-4.png"])
    #expect(
      aside.map(\.reason) == [
        "has no depth map 'maps/photo-2' (.npy, .tiff, .tif, .png)",
        "has a depth map 'maps/photo-3.npy' that is unknown over all of it, more than 90 %",
        "has a depth map 'maps/photo-4.tif' that is 20x80, of another shape than the picture, 54x50",
      ])
  }

  @Test("with missing: procedural, depth is made up where there is no map")
  func procedural() throws {
    let clean = try photos(6, in: folder, side: 50)
    let reader = try made(
      try given([clean], [try maps(0..<3, in: folder, side: 50)], missing: "procedural"))
    let kinds = try (0..<reader.count).map { try reader.label($0).json["depth"]?["kind"]?.string }
    #expect(Set(kinds) == ["given", "procedural"])
    let sources = try manifest().sources
    #expect(sources.map { $0.depth == nil } == [false, false, false, true, true, true])
  }

  @Test("one depth for all is labelled so and made again", arguments: [false, true])
  func constant(ofPhotographs: Bool) throws {
    var recipe = try recipe(
      GivenDepthTests.text + "depth: {kind: constant, value: 0.3}\n", in: folder)
    let clean = ofPhotographs ? [try photos(3, in: folder, side: 50)] : []
    try recipe.override(folders: clean, count: nil, seed: nil, size: nil)
    let reader = try made(recipe)
    for index in 0..<reader.count {
      let label = try reader.label(index).json
      #expect(label["depth"]?["kind"] == "constant" && label["depth"]?["depth"] == 0.3)
      #expect(try Replay(label, place: "r").render(folders: clean).isSame)
    }
  }

  @Test("sets without given depth say nothing of it, as before") func unchanged() throws {
    var recipe = try recipe(GivenDepthTests.text, in: folder)
    #expect(recipe.json["depth"] == nil)
    try recipe.override(
      folders: [try photos(3, in: folder, side: 50)], count: nil, seed: nil, size: nil)
    _ = try made(recipe)
    let text = String(decoding: try readFile(folder.file("set/manifest.json")), as: UTF8.self)
    #expect(!text.contains("\"depth\""))
  }

  @Test("folders that do not fit each other are named") func folders() throws {
    let clean = try photos(2, in: folder, side: 50)
    func problem(_ recipe: Recipe) -> Problem? {
      #expect(throws: Problem.self) { try Synthesizer(recipe, split: .train, workers: 1) }
    }
    let maps = try maps(0..<2, in: folder, side: 50)
    #expect(
      problem(try given([clean], [maps, maps]))?.what
        == "1 folders of clean pictures have 2 of maps")
    #expect(problem(try given([clean], ["/none"]))?.what == "is not a folder")
    let inside = clean + "/depth"
    try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
    #expect(
      problem(try given([clean], [inside]))?.what.hasPrefix("lies in the folder of clean") == true)
    #expect(
      problem(try given([], [maps]))?.what
        == "is given, but clean pictures are generated, with exact depth")
  }
}
