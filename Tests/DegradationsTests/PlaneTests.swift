import Basics
import Images
import Testing

@testable import Degradations

/// Planes say what was done to a picture, closely enough to do it again.
@Suite("Planes") struct PlaneTests {
  private struct Made {
    let gt: Image
    let lq: Image
    let step: ChainStep
    let planes: [String: Plane]

    func floats(_ name: String) throws -> [Float] {
      guard case .floats(let values) = try #require(planes[name]).values else { return [] }
      return values
    }

    func numbers(_ key: String) throws -> [Double] {
      try #require(step.parameters[key]?.array).compactMap(\.double)
    }
  }

  private func made(
    _ name: String, _ severity: Double = 0.5, space: Image.Space = .linear, index: UInt64 = 0,
    set: [JSON.Member] = [], gt given: Image? = nil
  ) throws -> Made {
    let (picture, scene) = testPicture(88, 72, index: index)
    let gt = given ?? picture
    let (lq, steps) = try DegradationChain([(name, severity)], space: space)
      .apply(to: gt, scene: scene, seed: 8, index: index, settings: [set])
    let planes = try DegradationChain.planes(
      Plane.Kind.allCases, of: steps, scene: scene, seed: 8, index: index)
    let named = Dictionary(uniqueKeysWithValues: planes.map { ($0.name, $0) })
    return Made(gt: gt, lq: lq, step: steps[0], planes: named)
  }

  @Test("outside an inpainting mask the codes are those of gt, and inside they are the fill")
  func inpainting() throws {
    for index in UInt64(0)..<6 {
      let made = try made("inpainting", index: index, set: [.init("fill", "white")])
      guard case .bytes(let mask) = try #require(made.planes["inpainting-mask"]).values else {
        Issue.record("the mask has no bytes")
        return
      }
      let (lq, gt) = (made.lq.bytes, made.gt.bytes)
      for (i, value) in mask.enumerated() {
        #expect(value == 0 || value == 255)
        let pixel = 3 * i..<3 * i + 3
        #expect(value == 0 ? lq[pixel] == gt[pixel] : lq[pixel].allSatisfy { $0 == 255 })
      }
      #expect(Double(mask.count { $0 == 255 }) / Double(mask.count) == made.step.coverage)
    }
  }

  @Test("haze: gt, transmission and airlight give lq", arguments: [Image.Space.linear, .srgb])
  func haze(space: Image.Space) throws {
    for index in UInt64(0)..<4 {
      let made = try made("haze", 0.7, space: space, index: index)
      let t = try made.floats("haze-transmission")
      var again = made.gt
      again.convert(to: space)
      let air = Veil.light(try made.numbers("airlight"), in: space)
      for i in again.pixels.indices {
        again.pixels[i] = again.pixels[i] * t[i / 3] + air[i % 3] * (1 - t[i / 3])
      }
      again.convert(to: .srgb)
      for (a, b) in zip(again.bytes, made.lq.bytes) { #expect(abs(Int(a) - Int(b)) <= 1) }
    }
  }

  @Test("transmission is exp(-beta d), not exp(-beta (d + offset)) or another power")
  func koschmieder() throws {
    let made = try made("haze", set: [.init("heterogeneity", 0.0), .init("beta", 1.5)])
    let (t, depth) = (try made.floats("haze-transmission"), try made.floats("depth"))
    for i in t.indices {
      #expect(abs(Double(t[i]) - ExactMath.exp(-1.5 * Double(depth[i]))) < 1e-6)
    }
  }

  @Test(
    "a kernel has the sum 1 and its centroid in the middle, and gt blurred with it is lq",
    arguments: ["motion-blur", "defocus-blur", "gaussian-blur", "sinc-blur"])
  func kernels(name: String) throws {
    var seen = 0
    for index in UInt64(0)..<16 {
      let gain: [JSON.Member] = name.hasPrefix("g") || name.hasPrefix("s") ? [] : [.init("gain", 1)]
      let made = try made(name, 0.1 + 0.05 * Double(index), index: index, set: gain)
      guard let plane = made.planes["\(name)-kernel"] else { continue }
      seen += 1
      let weights = try made.floats("\(name)-kernel").map(Double.init)
      let (side, radius) = (plane.width, Double(plane.width / 2))
      #expect(plane.height == side && side % 2 == 1)
      #expect(abs(weights.reduce(0, +) - 1) < 1e-5)
      let middle = weights.enumerated().reduce(SIMD2(0.0, 0.0)) { sum, place in
        let offset = SIMD2(Double(place.offset % side), Double(place.offset / side)) - radius
        return sum + offset * place.element
      }
      // A polygon of an odd number of corners, in whole pixels, is off by a few thousandths.
      let limit = name == "defocus-blur" ? 0.01 : 1e-3
      #expect(max(abs(middle.x), abs(middle.y)) < limit, "\(name) \(index): \(middle)")
      let again = convolved(made.gt, weights, side, in: made.step.space)
      for (a, b) in zip(again.bytes, made.lq.bytes) { #expect(abs(Int(a) - Int(b)) <= 1) }
    }
    #expect(seen >= 5, "\(name): \(seen) kernels")
  }

  /// A true convolution, mirrored at the border.
  private func convolved(_ gt: Image, _ weights: [Double], _ side: Int, in space: Image.Space)
    -> Image
  {
    var image = gt
    image.convert(to: space)
    let (source, r) = (image, side / 2)
    let taps = weights.indices.filter { weights[$0] != 0 }
    for i in image.pixels.indices {
      let (c, x, y) = (i % 3, i / 3 % gt.width, i / 3 / gt.width)
      let sum = taps.reduce(0.0) { sum, k in
        let u = Image.reflected(x - (k % side - r), gt.width)
        let v = Image.reflected(y - (k / side - r), gt.height)
        return sum + weights[k] * Double(source[u, v, c])
      }
      image.pixels[i] = Float(min(max(sum, 0), 1))
    }
    image.convert(to: .srgb)
    return image
  }

  @Test("the masks of rain, snow and drops cover the share that was measured")
  func opacities() throws {
    for name in ["rain-streak", "snow", "raindrop"] {
      for space in [Image.Space.linear, .srgb] {
        let made = try made(name, space: space, index: 3)
        let mask = try made.floats("\(name)-mask")
        let share = Double(mask.count { $0 > 0.02 }) / Double(mask.count)
        #expect(abs(share - (try #require(made.step.coverage))) < 2e-3, "\(name) \(space)")
        #expect(
          (made.planes["\(name)-transmission"] != nil) == (name != "raindrop" && space == .linear))
      }
    }
  }

  @Test("rain and snow: outside the mask only the veil is there")
  func veil() throws {
    for name in ["rain-streak", "snow"] {
      let made = try made(name, index: 5)
      let (mask, t) = (try made.floats("\(name)-mask"), try made.floats("\(name)-transmission"))
      let air = Veil.light(try made.numbers("airlight"), in: .linear)
      var veiled = made.gt
      veiled.convert(to: .linear)
      PixelKernels.blend(&veiled.pixels, keeping: t, colour: air)
      veiled.convert(to: .srgb)
      let (a, b) = (veiled.bytes, made.lq.bytes)
      for i in a.indices where mask[i / 3] == 0 { #expect(abs(Int(a[i]) - Int(b[i])) <= 1) }
    }
  }

  @Test("drops leave the picture outside their mask as it is")
  func raindrop() throws {
    let made = try made("raindrop", space: .srgb)
    let mask = try made.floats("raindrop-mask")
    let (a, b) = (made.gt.bytes, made.lq.bytes)
    for i in a.indices where mask[i / 3] == 0 { #expect(a[i] == b[i]) }
    #expect(mask.contains { $0 == 1 })
  }

  @Test(
    "radii are those of the label: even, or greatest where the depth is farthest from the focus")
  func radius() throws {
    for (form, index) in [("even", UInt64(0)), ("by-depth", 1)] {
      let sheets: [JSON.Member] = [
        .init("form", .string(form)), .init("radius", 6), .init("focus", 0.5), .init("near", 0.2),
        .init("sheets", 12),
      ]
      let made = try made("defocus-blur", index: index, set: sheets)
      let radii = try made.floats("defocus-blur-radius")
      #expect(abs((radii.max() ?? 0) - 6) < 0.6)
      #expect(form == "even" ? radii.min() == 6 : radii.min() == 0)
      #expect((made.planes["defocus-blur-kernel"] != nil) == (form == "even"))
    }
  }

  @Test("the illumination has the mean 1, and there is none where a curve darkens")
  func illumination() throws {
    let light = try made("low-light").floats("low-light-illumination")
    #expect(abs(light.reduce(0) { $0 + Double($1) } / Double(light.count) - 1) < 1e-4)
    #expect(try made("low-light", space: .srgb).planes["low-light-illumination"] == nil)
  }

  @Test("a second plane of a name is numbered, and kinds that were not asked for are not made")
  func names() throws {
    let (gt, scene) = testPicture(40, 40)
    let chain = try DegradationChain(
      [("gaussian-blur", 0.3), ("haze", 0.3), ("gaussian-blur", 0.2)], order: .given)
    let steps = chain.apply(to: gt, scene: scene, seed: 1, index: 1).steps
    func names(_ kinds: [Plane.Kind]) throws -> [String] {
      try DegradationChain.planes(kinds, of: steps, scene: scene, seed: 1, index: 1).map(\.name)
    }
    #expect(try names([.kernel]) == ["gaussian-blur-kernel", "gaussian-blur-kernel-2"])
    #expect(try names([.transmission, .depth]) == ["depth", "haze-transmission"])
    #expect(try names([]) == [])
    let error = #expect(throws: Problem.self) { try Plane.Kind.list(["kernal"], place: "--planes") }
    #expect(error?.description.contains("did you mean 'kernel'?") == true)
  }

  @Test("published operators have planes too")
  func published() throws {
    let (gt, scene) = testPicture(40, 40)
    let ops: [(name: String, severity: Double)] = [
      ("rain-streak", 0.5), ("snow", 0.5), ("haze", 0.5),
    ]
    let steps = try DegradationChain(ops, form: "cdd")
      .apply(to: gt, scene: scene, seed: 1, index: 1).steps
    let planes = try DegradationChain.planes(
      Plane.Kind.allCases, of: steps, scene: scene, seed: 1, index: 1)
    #expect(
      planes.map(\.name) == ["depth", "rain-streak-mask", "snow-mask", "haze-transmission"])
  }
}
