import Basics
import Degradations
import Images
import Testing

@Suite("Snow") struct SnowTests {
  private func made(
    _ severity: Double, _ gt: Image, _ scene: Scene, index: UInt64 = 0,
    space: Image.Space = .linear
  ) throws -> (lq: Image, step: ChainStep) {
    let result = try DegradationChain([("snow", severity)], space: space)
      .apply(to: gt, scene: scene, seed: 31, index: index)
    return (result.lq, result.steps[0])
  }

  @Test("flakes cover the share of the severity", arguments: [0.1, 0.3, 0.5, 0.7, 0.9])
  func coverage(severity: Double) throws {
    for index in UInt64(0)..<6 {
      let (gt, scene) = testPicture(256, 200, index: index)
      let step = try made(severity, gt, scene, index: index).step
      let target = try #require(step.parameters["coverage"]?.double)
      #expect(abs(try #require(step.coverage) / target - 1) < 0.1)
    }
  }

  @Test("coverage is the measured share of pixels whose opacity is above 0.02")
  func coverageIsMeasured() throws {
    // On black and codes the picture is the opacity times the flake's light.
    for index in UInt64(0)..<4 {
      let gt = Image(width: 128, height: 128, filledWith: 0)
      let (lq, step) = try made(
        0.5, gt, Scene(width: 128, height: 128), index: index, space: .srgb)
      let light = try #require(step.parameters["light"]?.array?[1].double)
      let seen = (0..<128 * 128).count { Double(lq.pixels[3 * $0 + 1]) / light > 0.02 }
      #expect(abs(Double(seen) / 16384 - (try #require(step.coverage))) < 1e-3)
    }
  }

  @Test("flakes have many sizes: no stencil")
  func sizes() throws {
    let gt = Image(width: 256, height: 256, filledWith: 0)
    let lq = try made(0.3, gt, Scene(width: 256, height: 256), space: .srgb).lq
    let areas = spots(lq)
    let small = areas.count { $0 <= 12 }
    #expect(areas.count > 60 && small > areas.count / 4)
    #expect(areas.contains { $0 > 60 } && Set(areas).count > 12)
  }

  /// The areas of connected spots brighter than 0.02.
  private func spots(_ image: Image) -> [Int] {
    let w = image.width
    var open = (0..<w * image.height).map { image.pixels[3 * $0 + 1] > 0.02 }
    var areas: [Int] = []
    for start in open.indices where open[start] {
      var (queue, area) = ([start], 0)
      open[start] = false
      while let i = queue.popLast() {
        area += 1
        let beside = [i % w > 0 ? i - 1 : -1, i % w < w - 1 ? i + 1 : -1, i - w, i + w]
        for j in beside where open.indices.contains(j) && open[j] {
          open[j] = false
          queue.append(j)
        }
      }
      areas.append(area)
    }
    return areas
  }

  @Test("snow is hidden by what is nearer")
  func hidden() throws {
    let depth = (0..<128 * 128).map { Float($0 % 128 < 64 ? 0.01 : 1) }
    let scene = Scene(width: 128, height: 128, depth: depth, depthLabel: [:])
    let lq = try made(0.7, Image(width: 128, height: 128), scene, space: .srgb).lq
    func covered(_ columns: Range<Int>) -> Int {
      columns.reduce(0) { sum, x in sum + (0..<128).count { lq[x, $0, 1] > 0.02 } }
    }
    #expect(covered(64..<128) > 2 * covered(0..<64))
  }

  @Test("snow never brightens beyond flake and air, nor darkens what is darker than both")
  func mixture() throws {
    for index in UInt64(0)..<4 {
      let gt = Image(width: 96, height: 96, filledWith: 0.2)
      let (lq, step) = try made(0.9, gt, Scene(width: 96, height: 96), index: index)
      let lights = try ["light", "airlight"].flatMap { key in
        try #require(step.parameters[key]?.array).compactMap(\.double)
      }
      let brightest = Float(lights.reduce(0, max))
      #expect(lq.pixels.allSatisfy { $0 >= 0.2 - 1e-5 && $0 <= brightest + 1e-5 })
    }
  }

  @Test("sizes follow the short side of the picture")
  func scale() throws {
    let sizes = try [64, 256, 512].map { side in
      let step = try made(0.5, Image(width: side, height: side), Scene(width: side, height: side))
        .step
      return try #require(step.parameters["size"]?.double)
    }
    #expect(abs(sizes[1] / sizes[0] - 4) < 0.02 && abs(sizes[2] / sizes[1] - 2) < 0.01)
  }

  @Test("a target out of reach ends")
  func outOfReach() throws {
    let label: JSON = [
      "coverage": 1.0, "size": 0.001, "angle": 0.0, "streak": 20.0, "density": 0.0,
      "light": [1.0, 1.0, 1.0], "beta": 0.0, "airlight": [1.0, 1.0, 1.0],
    ]
    let snow = try DegradationCatalog.type(named: "snow").init(parameters: label)
    var image = Image(width: 32, height: 32)
    let scene = Scene(width: 32, height: 32)
    #expect(snow.apply(to: &image, scene: scene, random: RandomStream(seed: 1)) == 0)
  }
}
