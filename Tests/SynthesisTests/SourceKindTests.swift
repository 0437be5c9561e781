import Basics
import Degradations
import Foundation
import Images
import Records
import TestSupport
import Testing

@testable import Synthesis

/// Clean pictures that are not plain 8-bit RGB, on their way into a set.
@Suite("Kinds of clean pictures") struct SourceKindTests {
  private let folder = TemporaryFolder()
  private static let fixtures =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().path + "/ImagesTests/Fixtures"
  private static let names = DegradationCatalog.all.map { $0.name }

  /// A folder with one picture.
  private func photo(_ image: Image, bits: Int) throws -> String {
    let path = folder.file("photos")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let file = bits == 16 ? PNGFile.encode16(image) : PNGFile.encode(image)
    try AtomicFile.write(file, to: path + "/photo.png")
    return path
  }

  private func set(_ clean: String, _ more: String, size: Int = 48, count: Int = 40) throws
    -> RecordReader
  {
    let text = catalogRecipe(Self.names, count: count, "splits: {train: 1}\n" + more)
      .replacingOccurrences(of: "gt_size: 48", with: "gt_size: \(size)")
    var recipe = try recipe(text, in: folder)
    try recipe.override(folders: [clean], count: nil, seed: nil, size: nil)
    _ = try Synthesizer(recipe, split: .train, workers: 2).run(into: folder.file("set"))
    #expect(try DataSetCheck(manifest: folder.file("set/manifest.json")).findings == [])
    return try RecordReader(manifest: folder.file("set/manifest.json"))
  }

  @Test("16 bits are kept until the patch is cut: a smaller copy is made of them, not of codes")
  func deep() throws {
    // All between two codes: what is rounded first has one value.
    var random = RandomStream(seed: 3)
    let pixels = (0..<96 * 96 * 3).map { _ in Float(40 + random.uniform(-0.49, 0.49)) / 255 }
    let whole = Image(width: 96, height: 96, pixels: pixels)
    var half = whole
    for i in half.pixels.indices where i / 3 % 2 == 0 { half.pixels[i] += 0.45 / 255 }
    let clean = try photo(half, bits: 16)
    let reader = try set(clean, "patch: {scale: [2, 2], use_hflip: false}")
    let stored = try PictureFile.read(clean + "/photo.png")
    #expect(stored.depthBits == 16)
    let wanted = stored.image.toLinear().downscaled(by: 2).toSRGB().bytes
    let rounded = Image(width: 96, height: 96, bytes: stored.image.bytes)
    #expect(rounded.toLinear().downscaled(by: 2).toSRGB().bytes != wanted)
    for index in 0..<reader.count {
      #expect(try reader.label(index).json["source"]?["depth_bits"] == 16)
      try reader.withPair(index) { _, gt, _ in
        let isSame = Array(gt) == wanted
        #expect(isSame)
      }
    }
  }

  @Test(
    "gray becomes RGB of three equal channels, and every degradation takes it", arguments: [8, 16])
  func gray(bits: Int) throws {
    var random = RandomStream(seed: 5)
    let pixels = (0..<60 * 50).map { _ in Float(random.uniform(0.1, 0.9)) }
    let clean = try photo(Image(width: 60, height: 50, channels: 1, pixels: pixels), bits: bits)
    let reader = try set(clean, "")
    var seen: Set<String> = []
    for index in 0..<reader.count {
      let label = try reader.label(index)
      seen.formUnion(label.chain.map(\.op))
      let isSame = try Replay(label.json, place: "record").render(folders: [clean]).isSame
      #expect(isSame)
      try reader.withPair(index) { _, gt, shape in
        #expect(shape == (48, 48, 3))
        for i in stride(from: 0, to: gt.count, by: 3) {
          #expect(gt[i] == gt[i + 1] && gt[i] == gt[i + 2])
        }
      }
    }
    #expect(seen.isSuperset(of: ["mosaic", "moire", "haze"]))
  }

  @Test(
    "pictures are upright and without alpha before they are cut; what cannot be read is set aside")
  func fixtures() throws {
    let reader = try set(Self.fixtures, "patch: {use_hflip: false}", size: 16, count: 200)
    let aside = reader.manifest.setAside
    for name in ["cmyk.tiff", "animated.webp", "float.tiff"] {
      let entry = aside.first { $0.file == "Fixtures/\(name)" }
      #expect(try #require(entry).reason.contains("\n") == false)
    }
    var used: Set<String> = []
    for index in 0..<reader.count {
      let label = try reader.label(index).json
      let name = try #require(label["source"]?["id"]?.string?.split(separator: "/").last)
      used.insert(String(name))
      var picture = try PictureFile.read("\(Self.fixtures)/\(name)").image
      if name == "orientation6.tiff" {
        // The same picture, turned by hand.
        picture = try PictureFile.read(Self.fixtures + "/strips.tiff").image
          .turned(quarterTurns: 1)
      }
      let crop = try ["x", "y", "width", "height"].map {
        try #require(label["crop"]?[$0]?.integer)
      }
      try #require(crop[0] + crop[2] <= picture.width && crop[1] + crop[3] <= picture.height)
      let cut = picture.replicatedToRGB()
        .cropped(x: crop[0], y: crop[1], width: crop[2], height: crop[3])
      #expect(label["source"]?["width"]?.integer == picture.width)
      try reader.withPair(index) { _, gt, _ in
        let isSame = cut.bytes == Array(gt)
        #expect(isSame, "\(name)")
      }
    }
    #expect(used.isSuperset(of: ["orientation6.tiff", "rgba.png", "gray16.tiff", "gray.jpg"]))
  }

  @Test("a picture with a side of 1 is set aside, or filled up for tests, and no mosaic is lost")
  func sideOfOne() throws {
    let clean = try photo(Image(width: 60, height: 50, filledWith: 0.4), bits: 8)
    try PNGFile.write(Image(width: 1, height: 70, filledWith: 0.6), to: clean + "/thin.png")
    for (crop, sources) in [("random", 1), ("centre", 2)] {
      var recipe = try recipe(
        catalogRecipe(["mosaic"], count: 12, "splits: {train: 1}\npatch: {crop: \(crop)}\n")
          .replacingOccurrences(of: "lengths: [0.6, 0.2, 0.1, 0.1]", with: "lengths: [1]"),
        in: folder)
      try recipe.override(folders: [clean], count: nil, seed: nil, size: nil)
      let set = folder.file(crop)
      let made = try Synthesizer(recipe, split: .train, workers: 2).run(into: set)
      let manifest = try #require(made)
      #expect(manifest.records == 12 && manifest.sources.count == sources)
      #expect(
        manifest.setAside.map(\.reason)
          == (crop == "random" ? ["has 1x70 pixels, less than the patch of 48"] : []))
      #expect(try DataSetCheck(manifest: set + "/manifest.json").findings == [])
    }
  }

  @Test(
    "alpha that was dropped and gray that was replicated are recorded, and nothing of plain RGB")
  func channels() throws {
    let reader = try set(Self.fixtures, "", size: 16, count: 200)
    let plain = ["id", "sha256", "kind", "width", "height", "depth_bits", "jpeg"]
    let wanted: [String: [String: JSON]] = [
      "rgba.png": ["alpha": "dropped"], "rgba.tiff": ["alpha": "dropped"],
      "rgba16.png": ["alpha": "dropped"], "alpha.webp": ["alpha": "dropped"],
      "transparent-colour.png": ["alpha": "dropped"],
      "gray-alpha.png": ["alpha": "dropped", "gray": "replicated"],
      "gray.jpg": ["gray": "replicated"], "gray1.png": ["gray": "replicated"],
      "gray16.tiff": ["gray": "replicated"],
    ]
    var used: Set<String> = []
    for index in 0..<reader.count {
      let label = try reader.label(index).json
      let source = try #require(label["source"])
      let name = (source["id"]?.string ?? "").split(separator: "/").last.map(String.init) ?? ""
      used.insert(name)
      let header = try PictureFile.probe("\(Self.fixtures)/\(name)")
      let listed = reader.manifest.sources.first { $0.id == source["id"]?.string }?.channels
      #expect(listed?.droppedAlpha == header.hasAlpha, "\(name)")
      #expect(listed?.replicatedGray == (header.channels == 1), "\(name)")
      let more = (source.object ?? []).filter { !plain.contains($0.key) }
      #expect(more == listed?.members, "\(name)")
      if let wanted = wanted[name] {
        #expect(more.count == wanted.count && more.allSatisfy { wanted[$0.key] == $0.value })
      }
      let isSame = try Replay(label, place: "record").render(folders: [Self.fixtures]).isSame
      #expect(isSame, "\(name)")
    }
    #expect(used.isSuperset(of: wanted.keys))
    let ids = reader.manifest.sources.filter { $0.channels == .plain }.map(\.id)
    #expect(ids.contains("Fixtures/strips.tiff") && ids.contains("Fixtures/rgb420.jpg"))
  }
}
