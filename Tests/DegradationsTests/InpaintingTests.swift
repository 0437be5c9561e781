import Basics
import Images
import Testing

@testable import Degradations

@Suite("Inpainting") struct InpaintingTests {
  /// The label of a mask at 256 pixels, of a kind and a share.
  private func shape(_ kind: HoleShape.Kind, _ coverage: Double, side: Int, seed: UInt64 = 3)
    -> HoleShape
  {
    var random = RandomStream(seed: seed)
    return HoleShape(
      kind, scale: Double(side) / 256, target: coverage * Double(side * side), drawing: &random)
  }

  private func mask(_ kind: HoleShape.Kind, _ coverage: Double, side: Int, index: UInt64)
    -> HoleMask
  {
    HolePainter(
      shape(kind, coverage, side: side, seed: index),
      mask: HoleMask(width: side, height: side, covering: coverage),
      random: RandomStream(seed: 5, index: index)
    ).mask
  }

  private func painted(_ fill: String, _ gt: Image) throws -> (lq: Image, mask: [UInt8]) {
    let (width, height) = (gt.width, gt.height)
    var parameters: JSON = [
      "mask": "medium", "coverage": 0.3, "size": [5.0, 20.0], "length": [10.0, 60.0],
      "fill": .string(fill),
    ]
    if fill == "colour" { parameters["colour"] = [0.2, 0.4, 0.6] }
    let op = try Inpainting(parameters: parameters)
    let random = RandomStream(seed: 6, index: 2, stream: 1025)
    var lq = gt
    let share = op.apply(to: &lq, scene: Scene(width: width, height: height), random: random)
    let mask = op.mask(width: width, height: height, random: random)
    #expect(share == mask.coverage)
    #expect(mask.bytes.allSatisfy { $0 < 2 } && mask.bytes.count { $0 == 1 } == mask.covered)
    return (lq, mask.bytes)
  }

  @Test(
    "every kind covers the share that it shall, on any size", arguments: HoleShape.Kind.allCases,
    [96, 256, 400])
  func coverage(kind: HoleShape.Kind, side: Int) {
    for target in [0.05, 0.1, 0.2, 0.35, 0.5, 0.575] {
      for index in UInt64(0)..<4 {
        let mask = mask(kind, target, side: side, index: index)
        #expect(
          abs(mask.coverage / target - 1) < 0.06, "\(mask.coverage) for \(target), \(side)")
      }
    }
  }

  @Test("what is not masked keeps its bits, and what is masked has the fill")
  func fills() throws {
    let gt = testPicture(200, 150).gt
    let mean = (0..<3).map { c in
      stride(from: c, to: gt.pixels.count, by: 3).reduce(0.0) { $0 + Double(gt.pixels[$1]) } / 30000
    }
    let wanted: [String: [Double]] = [
      "black": [0, 0, 0], "white": [1, 1, 1], "mean": mean, "colour": [0.2, 0.4, 0.6],
    ]
    for (fill, colour) in wanted {
      let (lq, mask) = try painted(fill, gt)
      for (i, hole) in mask.enumerated() {
        for c in 0..<3 {
          let value = lq.pixels[3 * i + c]
          let good =
            hole == 1 ? abs(Double(value) - colour[c]) < 1e-6 : value == gt.pixels[3 * i + c]
          if !good { Issue.record("\(fill) at \(i)") }
        }
      }
    }
  }

  @Test("noise is every code alike, in each channel for itself")
  func noise() throws {
    let gt = testPicture(256, 256).gt
    let (lq, mask) = try painted("noise", gt)
    let holes = mask.indices.filter { mask[$0] == 1 }
    #expect(mask.indices.allSatisfy { mask[$0] == 1 || lq.pixels[3 * $0] == gt.pixels[3 * $0] })
    var counts = [Int](repeating: 0, count: 256)
    var product = 0.0
    for i in holes {
      for c in 0..<3 { counts[Int(lq.bytes(at: 3 * i + c))] += 1 }
      product += Double((lq.pixels[3 * i] - 0.5) * (lq.pixels[3 * i + 1] - 0.5))
    }
    let expected = Double(3 * holes.count) / 256
    let chi =
      counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) } / expected
    #expect(abs(chi - 255) < 5 * (2.0 * 255).squareRoot())
    #expect(abs(product / Double(holes.count)) < 5 / 12.0 / Double(holes.count).squareRoot())
  }

  @Test("lengths follow the size of the picture and no brush covers all at once")
  func sizes() {
    for kind in HoleShape.Kind.allCases {
      let (small, large) = (shape(kind, 0.5, side: 128), shape(kind, 0.5, side: 512))
      for (a, b) in zip(small.size, large.size) where a > 1 {
        #expect(abs(b / a - 4) < 0.01, "\(kind)")
      }
      let few = shape(kind, 0.01, side: 256)
      #expect(few.size.allSatisfy { $0 * $0 * .pi / 4 <= 0.01 * 65536 / 4 + 1 }, "\(kind)")
    }
  }

  @Test("every mask and every fill is drawn")
  func variety() {
    let scene = Scene(width: 64, height: 64)
    let labels = (UInt64(0)..<200).map { seed in
      var random = RandomStream(seed: seed)
      return Inpainting(severity: 0.5, scene: scene, space: .srgb, drawing: &random).parameters
    }
    #expect(Set(labels.compactMap { $0["mask"]?.string }).count == HoleShape.Kind.allCases.count)
    #expect(Set(labels.compactMap { $0["fill"]?.string }).count == 5)
  }

  @Test("a stroke is all pixels within half its width of the line")
  func strokeGeometry() {
    let (a, b) = (SIMD2(20.3, 11.7), SIMD2(48.1, 37.2))
    var mask = HoleMask(width: 64, height: 64, covering: 1)
    mask.stroke(from: a, to: b, radius: 6.4)
    let way = b - a
    for y in 0..<64 {
      for x in 0..<64 {
        let p = SIMD2(Double(x) + 0.5, Double(y) + 0.5) - a
        let t = min(max((p * way).sum() / (way * way).sum(), 0), 1)
        let off = p - way * t
        let inside = (off * off).sum().squareRoot() <= 6.4
        #expect((mask.bytes[64 * y + x] == 1) == inside, "\(x), \(y)")
      }
    }
    #expect(mask.covered == mask.bytes.count { $0 == 1 })
  }

  @Test("every letter stays within its box and differs from the others")
  func letters() {
    #expect(StrokeLetters.all.count == 36 && Set(StrokeLetters.all.map { "\($0)" }).count == 36)
    for point in StrokeLetters.all.joined().joined() {
      #expect((0...2 / 3.0 + 1e-9).contains(point.x) && (0...1).contains(point.y))
    }
  }
}

extension Image {
  fileprivate func bytes(at i: Int) -> UInt8 { UInt8((pixels[i] * 255).rounded()) }
}
