import Basics
import Testing

import Degradations
import Images
import Synthesis

@Suite("Dead leaves") struct DeadLeavesTests {
  @Test("one seed and index give one picture; another index gives another")
  func deterministic() {
    func picture(_ index: UInt64) -> [UInt8] {
      DeadLeaves(width: 64, height: 48, seed: 1, index: index).render().image.bytes
    }
    #expect(picture(4) == picture(4))
    #expect(picture(4) != picture(5))
  }

  @Test("the bytes are those of every machine and every earlier day")
  func digest() {
    let (image, scene) = DeadLeaves(width: 120, height: 88, seed: 1, index: 0).render()
    #expect(Digest.sha256(image.bytes).hasPrefix("e4126c9cb5fb008d"))
    let depth = scene.depth.withUnsafeBytes { Digest.sha256(Array($0)) }
    #expect(depth.hasPrefix("bd6c50d8736cae92"))
  }

  @Test(
    "any size gives a full picture of whole 8-bit codes and its depth",
    arguments: [(1, 1), (3, 5), (17, 31), (256, 64)])
  func sizes(width: Int, height: Int) {
    let (image, scene) = DeadLeaves(width: width, height: height, seed: 2, index: 0).render()
    #expect(image.pixels.count == width * height * 3 && scene.depth.count == width * height)
    #expect(image.bytes.map { Float($0) / 255 } == image.pixels)
    let near = scene.depthLabel["near"]?.double ?? 1
    let far = scene.depthLabel["far"]?.double ?? 0
    #expect(scene.depth.allSatisfy { Double($0) >= near - 1e-6 && Double($0) <= far + 1e-6 })
  }

  @Test("depth is spread over the frame: about half of it lies nearer than the middle")
  func depthIsSpread() {
    let shares = (UInt64(0)..<8).map { index in
      let scene = DeadLeaves(width: 128, height: 128, seed: 3, index: index).render().scene
      let near = Float(scene.depthLabel["near"]?.double ?? 0)
      let far = Float(scene.depthLabel["far"]?.double ?? 0)
      let nearer = scene.depth.count { $0 < (near + far) / 2 }
      return Double(nearer) / Double(scene.depth.count)
    }
    #expect(abs(shares.reduce(0, +) / 8 - 0.5) < 0.12)
  }

  @Test("a covered place is never painted again, and every place is taken once")
  func mask() {
    var mask = CoverageMask(width: 130, height: 2)
    var taken: [Int] = []
    mask.take(60..<70, row: 0) { taken.append($0) }
    mask.take(-5..<66, row: 0) { taken.append($0) }
    mask.take(65..<1000, row: 0) { taken.append($0) }
    #expect(taken.sorted() == Array(0..<130))
    #expect(mask.left == 130)
    var rest: [Int] = []
    mask.takeRest { x, y in rest.append(y * 130 + x) }
    #expect(rest == Array(130..<260) && mask.left == 0)
  }

  @Test("radii follow r^-3 (w + 2r)(h + 2r)")
  func radii() {
    let (w, h) = (100.0, 60.0)
    let sizes = LeafSizes(smallest: 1, largest: 50, width: w, height: h)
    // The share below a radius, by summing the density in fine steps of the logarithm.
    func share(below r: Double) -> Double {
      func mass(_ end: Double) -> Double {
        let steps = 20000
        let step = ExactMath.log(end) / Double(steps)
        return (0..<steps).reduce(0) { sum, i in
          let r = ExactMath.exp((Double(i) + 0.5) * step)
          return sum + (w + 2 * r) * (h + 2 * r) / (r * r) * step
        }
      }
      return mass(r) / mass(50)
    }
    for u in [0.1, 0.5, 0.9, 0.99] { #expect(abs(share(below: sizes.radius(u)) - u) < 1e-3) }
    #expect(sizes.radius(0) == 1 && abs(sizes.radius(0.9999999) - 50) < 0.01)
  }

  @Test("outlines cover about the area of their disk")
  func areas() {
    var random = RandomStream(seed: 4)
    var places = 0
    for _ in 0..<200 {
      let outline = LeafOutline(x: 100, y: 100, r: 20, drawing: &random)
      outline.rows(height: 200) { _, span in places += span.count }
    }
    #expect(abs(Double(places) / 200 / (.pi * 400) - 1) < 0.1)
  }

  @Test("the spectrum falls as photographs' do: edges and detail at every scale")
  func spectrum() {
    // Differences at distance d of a scale-invariant picture grow slowly with d, far from those of
    // white noise (no growth) and of a smooth ramp (growth with d squared).
    var growth = 0.0
    for index in 0..<6 {
      let image = DeadLeaves(width: 128, height: 128, seed: 5, index: UInt64(index)).render().image
      func difference(_ d: Int) -> Double {
        var sum = 0.0
        for y in 0..<128 {
          for x in 0..<128 - d {
            let step = Double(image[x + d, y, 1] - image[x, y, 1])
            sum += step * step
          }
        }
        return sum / Double(128 * (128 - d))
      }
      growth += difference(8) / difference(2) / 6
    }
    #expect(growth > 1.3 && growth < 4)
  }
}
