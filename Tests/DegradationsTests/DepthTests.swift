import Basics
import Degradations
import Images
import Testing

@Suite("Depth") struct DepthTests {
  @Test(
    "depth made for a picture is in range at any size",
    arguments: [(1, 1), (3, 5), (17, 31), (96, 64)])
  func sizes(width: Int, height: Int) {
    for index in UInt64(0)..<6 {
      let image = testPicture(width, height, index: index).gt
      let scene = ProceduralDepth.scene(for: image, random: RandomStream(seed: 1, index: index))
      #expect(scene.width == width && scene.height == height)
      #expect(scene.depth.allSatisfy { $0 >= 0 && $0 <= 1 })
      #expect(scene.depthLabel["kind"] == "procedural")
    }
  }

  @Test("the depth is that of every machine and every earlier day")
  func digest() {
    let scene = ProceduralDepth.scene(
      for: testPicture(90, 70).gt, random: RandomStream(seed: 1, index: 2))
    let digest = scene.depth.withUnsafeBytes { Digest.sha256(Array($0)) }
    #expect(digest.hasPrefix("a782e31022853c20"))
  }

  @Test("the ground comes nearer towards the lower edge")
  func ground() {
    let means = (UInt64(0)..<12).map { index -> (top: Float, bottom: Float) in
      let gt = testPicture(96, 96, index: index).gt
      let depth = ProceduralDepth.scene(for: gt, random: RandomStream(seed: 2, index: index)).depth
      return (depth[..<960].reduce(0, +) / 960, depth[(96 * 86)...].reduce(0, +) / 960)
    }
    #expect(means.allSatisfy { $0.top > $0.bottom })
  }

  @Test("steps of depth fall on the edges of the picture")
  func edges() {
    // A bright smooth upper half is sky; the depth must drop at the edge and nowhere near it.
    var image = Image(width: 128, height: 128, filledWith: 0.9)
    for y in 50..<128 {
      for x in 0..<128 { for c in 0..<3 { image[x, y, c] = (x / 4 + y / 4) % 2 == 0 ? 0.1 : 0.3 } }
    }
    let depth = ProceduralDepth.scene(for: image, random: RandomStream(seed: 3)).depth
    func row(_ y: Int) -> Float { depth[y * 128..<(y + 1) * 128].reduce(0, +) / 128 }
    #expect(row(10) > 0.98 && row(46) > 0.9)
    let step = row(49) - row(52)
    #expect(step > 0.1 && step > 3 * abs(row(44) - row(47)) && step > 3 * abs(row(55) - row(58)))
  }

  @Test("a fractal field has about unit variance at any size", arguments: [(256, 256), (64, 96)])
  func field(width: Int, height: Int) {
    var (sum, squares) = (0.0, 0.0)
    for index in UInt64(0)..<40 {
      let field = FractalField(
        width: width, height: height, cells: 4, octaves: 4, hurst: 0.6,
        random: RandomStream(seed: 5, index: index))
      sum += field.values.reduce(0) { $0 + Double($1) } / Double(width * height)
      squares += field.values.reduce(0) { $0 + Double($1) * Double($1) } / Double(width * height)
    }
    #expect(abs(sum / 40) < 0.1 && abs(squares / 40 - 1) < 0.15)
  }
}
