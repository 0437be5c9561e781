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

  @Test(
    "the bytes are those of every machine and every earlier day",
    arguments: [
      (UInt64(0), ["56a5847e9b556ddb", "79b4de391afc8c32", "2e0543535739b6cd"]),
      (UInt64(3), ["c667c566af99cb59", "e87aec8d876ff0ee", "22e14eb788f107a2"]),
    ])
  func digest(index: UInt64, digests: [String]) {
    let picture = DeadLeaves(width: 120, height: 88, seed: 1, index: index).render()
    let depth = picture.scene.depth.withUnsafeBytes { Digest.sha256(Array($0)) }
    let ranks = picture.ranks.withUnsafeBytes { Digest.sha256(Array($0)) }
    let found = [Digest.sha256(picture.image.bytes), depth, ranks].map { String($0.prefix(16)) }
    #expect(found == digests)
  }

  @Test(
    "any size gives a full picture of whole 8-bit codes and its depth",
    arguments: [(1, 1), (2, 3), (3, 5), (17, 31), (256, 64)])
  func sizes(width: Int, height: Int) {
    for depthOfField in [0.0, 1] {
      let picture = DeadLeaves(
        width: width, height: height, seed: 2, index: 0,
        style: .init(textures: 1, depthOfField: depthOfField, cameraBlur: 1)
      ).render()
      let (image, scene) = (picture.image, picture.scene)
      #expect(image.pixels.count == width * height * 3 && scene.depth.count == width * height)
      #expect(picture.ranks.count == width * height && picture.ranks.allSatisfy { $0 >= 0 })
      #expect(image.bytes.map { Float($0) / 255 } == image.pixels)
      let near = scene.depthLabel["near"]?.double ?? 1
      let far = scene.depthLabel["far"]?.double ?? 0
      #expect(scene.depth.allSatisfy { Double($0) >= near - 1e-6 && Double($0) <= far + 1e-6 })
    }
  }

  @Test("depth is spread over the frame: about half of it lies nearer than the middle")
  func depthIsSpread() {
    let shares = (UInt64(0)..<8).map { index in
      let scene = DeadLeaves(
        width: 128, height: 128, seed: 3, index: index, style: .init(depthOfField: 0)
      ).render().scene
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

  @Test("the power spectrum falls between 1/f^2, as photographs' do, and 1/f^3, as lone edges' do")
  func spectrum() {
    // A line through the logarithms of the power at seven frequencies between 1/32 and 1/4 of a cycle
    // a pixel, each in four directions, over twelve sharp pictures. It is -2.70: a law of sizes down to
    // 0 would give about -2, but ours ends at 1 to 9 pixels. White noise has 0.
    let plain = DeadLeaves.Style(textures: 1, depthOfField: 0, cameraBlur: 0)
    let frequencies = [4, 6, 8, 11, 16, 23, 32]
    var sums = [Double](repeating: 0, count: frequencies.count)
    for index in 0..<12 {
      let image = DeadLeaves(
        width: 128, height: 128, seed: 5, index: UInt64(index), style: plain
      ).render().image
      for (i, f) in frequencies.enumerated() {
        sums[i] += power(image, f, 0) + power(image, 0, f)
        let g = Int((Double(f) / 2.0.squareRoot()).rounded())
        sums[i] += power(image, g, g) + power(image, g, -g)
      }
    }
    let x = frequencies.map { ExactMath.log(Double($0)) }
    let y = sums.map(ExactMath.log)
    let (mx, my) = (x.reduce(0, +) / 7, y.reduce(0, +) / 7)
    let slope =
      zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
      / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
    #expect(slope < -2.3 && slope > -3, "slope \(slope)")
  }

  /// The power of green, under a window without edges, at a whole number of waves across and down.
  private func power(_ image: Image, _ fx: Int, _ fy: Int) -> Double {
    let n = image.width
    let waves = (0..<n).map { ExactMath.sincos(2 * .pi * Double($0) / Double(n)) }
    let window = waves.map { 0.5 - 0.5 * $0.cos }
    var sum = SIMD2(0.0, 0.0)
    for y in 0..<n {
      for x in 0..<n {
        let wave = waves[((fx * x + fy * y) % n + n) % n]
        sum += SIMD2(wave.cos, wave.sin) * (Double(image[x, y, 1] - 0.5) * window[x] * window[y])
      }
    }
    return (sum * sum).sum()
  }

  @Test("gradients have heavy tails: a kurtosis of 15, not the 3 of a normal law")
  func heavyTails() {
    var (second, fourth) = (0.0, 0.0)
    for index in 0..<6 {
      let image = DeadLeaves(width: 128, height: 128, seed: 8, index: UInt64(index)).render().image
      var (own, high) = (0.0, 0.0)
      for y in 0..<128 {
        for x in 1..<128 {
          let step = Double(image[x, y, 1] - image[x - 1, y, 1])
          own += step * step
          high += step * step * step * step
        }
      }
      second += own / 16256
      fourth += high / 16256
    }
    #expect(fourth / 6 / (second / 6 * second / 6) > 6)
  }
}
