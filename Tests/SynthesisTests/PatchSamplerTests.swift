import Basics
import Images
import TestSupport
import Testing

@testable import Synthesis

@Suite struct PatchSamplerTests {
  private let folder = TemporaryFolder()

  private func sampler(_ text: String, folder path: String) throws -> PatchSampler {
    var recipe = try recipe("classes: 5d\ngt_size: 32\nsplits: {train: 1}\n" + text, in: folder)
    try recipe.override(folders: [path], count: nil, seed: nil, size: nil)
    return PatchSampler(
      recipe: recipe, split: .train,
      source: try CleanSource(recipe, split: .train, workers: 1))
  }

  @Test("a patch without scale, flip and turn is a crop of the picture, byte for byte")
  func plainCrop() throws {
    let path = try photos(1, in: folder, side: 50)
    let sampler = try sampler("patch: {use_hflip: false}\n", folder: path)
    let whole = photo(0, width: 50, height: 50)
    for number in 0..<5 {
      let patch = try sampler.patch(number, of: 0)
      let x = try #require(patch.crop["x"]?.integer)
      let y = try #require(patch.crop["y"]?.integer)
      #expect(patch.bytes == whole.cropped(x: x, y: y, width: 32, height: 32).bytes)
      #expect(patch.image.bytes == patch.bytes)
    }
  }

  @Test("the label's crop gives the patch again, with scale, flip and turn") func replay() throws {
    let path = try photos(1, in: folder, side: 90)
    let sampler = try sampler("patch: {scale: [1.0, 2.0], use_rot: true}\n", folder: path)
    let whole = photo(0, width: 90, height: 90)
    var turns: Set<Int> = []
    for number in 0..<12 {
      let patch = try sampler.patch(number, of: 0)
      func whole_(_ key: String) throws -> Int { try #require(patch.crop[key]?.integer) }
      let side = try whole_("width")
      var image = whole.cropped(x: try whole_("x"), y: try whole_("y"), width: side, height: side)
      if side > 32 {
        image = image.toLinear().downscaled(by: Double(side) / 32).toSRGB()
        image = image.reflectPadded(right: 32 - image.width, bottom: 32 - image.height)
      }
      if patch.crop["flip"]?.bool == true { image = image.flippedHorizontally() }
      turns.insert(try whole_("turn"))
      #expect(image.turned(quarterTurns: try whole_("turn")).bytes == patch.bytes)
    }
    #expect(turns.count > 2)
  }

  @Test("the same numbers give the same patch, others another") func pure() throws {
    let path = try photos(2, in: folder, side: 60)
    let sampler = try sampler("", folder: path)
    #expect(try sampler.patch(4, of: 1).bytes == sampler.patch(4, of: 1).bytes)
    #expect(try sampler.patch(4, of: 1).bytes != sampler.patch(5, of: 1).bytes)
  }

  @Test("a test patch is the centre, filled up by reflection where the picture is small")
  func centre() throws {
    let path = try photos(1, in: folder, side: 20)
    let sampler = try sampler("patch: {crop: centre}\n", folder: path)
    let patch = try sampler.patch(0, of: 0)
    let whole = photo(0, width: 20, height: 20)
    #expect(patch.bytes == whole.reflectPadded(right: 12, bottom: 12).bytes)
    #expect(patch.crop["width"] == 20)
  }

  @Test("at most one patch in five is flat where textured ones can be had") func flatShare() throws
  {
    let path = folder.file("photos")
    _ = try photos(0, in: folder)
    var half = photo(0, width: 300, height: 150)
    for y in 0..<150 {
      for x in 0..<230 { for c in 0..<3 { half[x, y, c] = 0.5 } }
    }
    try PNGFile.write(half, to: path + "/half.png")
    let sampler = try sampler("", folder: path)
    let flat = try (0..<200).count {
      PatchSampler.texture(try sampler.patch($0, of: 0).bytes, width: 32) < 2
    }
    #expect(flat <= 40)
    #expect(flat > 5)
  }

  @Test("texture is the deviation of fine detail in codes") func texture() {
    let flat = [UInt8](repeating: 90, count: 16 * 16 * 3)
    #expect(PatchSampler.texture(flat, width: 16) == 0)
    let checks = (0..<16 * 16).flatMap { i -> [UInt8] in
      let code: UInt8 = (i + i / 16) % 2 == 0 ? 100 : 110
      return [code, code, code]
    }
    #expect(PatchSampler.texture(checks, width: 16) == 5)
  }
}
