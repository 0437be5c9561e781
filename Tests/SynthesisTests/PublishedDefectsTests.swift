import Basics
import Degradations
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Mistakes of published data sets that lie between the pictures and the files.
@Suite struct PublishedDefectsTests {
  private let folder = TemporaryFolder()

  private func set(_ text: String, clean: String) throws -> RecordReader {
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: [clean], count: nil, seed: nil, size: nil)
    _ = try Synthesizer(recipe, split: .train, workers: 2).run(into: folder.file("set"))
    return try RecordReader(manifest: folder.file("set/manifest.json"))
  }

  @Test("pictures as large as the patch or larger are never padded, whatever their shape")
  func padding() throws {
    // MaskDCPT compares the patch with the number of channels and mirrors rows under every picture.
    let path = folder.file("photos")
    _ = try photos(0, in: folder)
    let sizes = [(32, 32), (33, 32), (32, 33), (32, 90), (90, 32), (47, 61)]
    for (i, (width, height)) in sizes.enumerated() {
      try PNGFile.write(photo(i, width: width, height: height), to: "\(path)/photo-\(i).png")
    }
    for crop in ["random", "centre"] {
      var recipe = try recipe(
        "classes: 5d\ngt_size: 32\nsplits: {train: 1}\npatch: {crop: \(crop), use_hflip: false}\n",
        in: folder)
      try recipe.override(folders: [path], count: nil, seed: nil, size: nil)
      let source = try CleanSource(recipe, split: .train, workers: 1)
      let sampler = PatchSampler(recipe: recipe, split: .train, source: source)
      #expect(source.count == sizes.count)
      for number in 0..<source.count {
        let patch = try sampler.patch(7, of: number)
        let place = try ["x", "y", "width", "height"].map { try #require(patch.crop[$0]?.integer) }
        #expect(place[2...] == [32, 32])
        let (width, height) = (patch.source["width"]?.integer, patch.source["height"]?.integer)
        let index = try #require(sizes.firstIndex { $0.0 == width && $0.1 == height })
        let whole = photo(index, width: sizes[index].0, height: sizes[index].1)
        let expected = whole.cropped(x: place[0], y: place[1], width: 32, height: 32)
        #expect(patch.bytes == expected.bytes, "\(sizes[index]), \(crop)")
      }
    }
  }

  @Test("every picture is used, the first one too, and a JPEG source makes no JPEG of lq")
  func lossless() throws {
    // OneRestore begins with the second file and saves lq under the source's name and format.
    let path = folder.file("photos")
    _ = try photos(0, in: folder)
    for number in 0..<5 {
      let file = JPEGFile.encode(
        photo(number, width: 40, height: 40), quality: 90, subsampling: .none)
      try AtomicFile.write(file, to: "\(path)/photo-\(number).jpg")
    }
    let reader = try set(
      "classes: 3d\ngt_size: 32\nsampling: grid\nlevels: [0.5]\nsplits: {train: 1}\npatch: {crop: centre}\n",
      clean: path)
    #expect(reader.count == 5 * 3 && reader.manifest.setAside.isEmpty)
    var used: Set<String> = []
    for index in 0..<reader.count {
      let label = try reader.label(index)
      used.insert(label.sourceID)
      let steps = try #require(label.json["chain"]?.array).map { try ChainStep($0) }
      let replay = try Replay(label.json, place: "record").render(folders: [path])
      #expect(steps.count == 1 && replay.isSame)
      // What is stored is what the chain made, code for code.
      try reader.withPair(index) { lq, gt, _ in
        #expect(Array(lq) == replay.lq.bytes && Array(gt) == replay.gt.bytes)
      }
    }
    #expect(used.count == 5)
  }

  @Test("records of one picture have each its own noise, in each split too")
  func ownNoise() throws {
    let path = try photos(1, in: folder, side: 32)
    let reader = try set(
      """
      classes: 3d
      gt_size: 32
      count: 12
      splits: {train: 1}
      patch: {crop: centre, use_hflip: false}
      degradations: {gaussian-noise: {set: {sigma: 25}}}

      """, clean: path)
    var patterns: Set<[Int]> = []
    for index in 0..<reader.count {
      try reader.withPair(index) { lq, gt, _ in
        _ = patterns.insert(zip(lq, gt).map { Int($0) - Int($1) })
      }
    }
    #expect(patterns.count == 12)
  }

  @Test("every range that was drawn from is in the manifest, with its numbers")
  func ranges() throws {
    // Outdoor-Rain's training ranges were overwritten by those of its validation.
    let path = try photos(2, in: folder)
    let reader = try set(
      """
      classes: 3d
      gt_size: 32
      count: 30
      splits: {train: 1}
      degradations:
        haze: {set: {beta: [0.6, 1.8]}}
        gaussian-noise: {severity: [0.2, 0.4]}

      """, clean: path)
    let plan = reader.manifest.recipe["degradations"]
    #expect(plan?["haze"]?["set"]?["beta"] == [0.6, 1.8])
    #expect(plan?["gaussian-noise"]?["severity"] == [0.2, 0.4])
    for index in 0..<reader.count {
      let label = try reader.label(index)
      let step = label.json["chain"]?.array?.first
      if label.className == "haze" {
        #expect((0.6...1.8).contains(step?["parameters"]?["beta"]?.double ?? 0))
      } else {
        #expect((0.2...0.4).contains(step?["severity"]?.double ?? 0))
      }
    }
  }
}
