import Basics
import Images
import Testing

@testable import Degradations

@Suite struct DepthEncodingTests {
  private func map(_ values: [Float], width: Int? = nil, bits: Int = 32) -> StoredMap {
    let width = width ?? values.count
    return StoredMap(
      values: Image(
        width: width, height: values.count / width, channels: 1, pixels: values), bits: bits)
  }

  private func encoding(
    _ kind: DepthEncoding.Kind, scale: Double? = nil, offset: Double = 0, invalid: Double? = nil,
    near: Double? = nil, far: Double? = nil, fill: DepthEncoding.Fill = .nearest
  ) -> DepthEncoding {
    var encoding = DepthEncoding(kind)
    (encoding.scale, encoding.offset, encoding.invalid) = (scale, offset, invalid)
    (encoding.near, encoding.far, encoding.fill) = (near, far, fill)
    encoding.smooth = false
    return encoding
  }

  private func depths(_ encoding: DepthEncoding, _ map: StoredMap) throws -> [Float] {
    try encoding.decode(map, place: "m").depth.pixels
  }

  @Test("one scene in every encoding is the same depth") func everyKind() throws {
    let metres: [Float] = [10, 20, 40, 50, 80, 25, 16]
    let truth = metres.map { $0 / 80 }
    let coded = encoding(.metres, scale: 1 / 256, far: 80)
    let cases: [(DepthEncoding, StoredMap)] = [
      (encoding(.metres, far: 80), map(metres)),
      (coded, map(metres.map { $0 * 256 }, bits: 16)),
      (encoding(.metres, scale: 0.01, offset: 1, far: 80), map(metres.map { ($0 - 1) * 100 })),
      (encoding(.distance), map(truth)),
      (encoding(.distance), map(truth.map { ($0 * 65535).rounded() }, bits: 16)),
      (encoding(.nearness), map(truth.map { 1 - $0 })),
      (encoding(.nearness, scale: 0.5), map(truth.map { 2 - 2 * $0 })),
      (encoding(.disparity, far: 80), map(metres.map { 1 / $0 })),
      (
        encoding(.disparity, scale: 0.001, offset: 0.01, far: 80),
        map(metres.map { 1000 / $0 - 10 })
      ),
    ]
    for (encoding, map) in cases {
      for (found, wanted) in zip(try depths(encoding, map), truth) {
        #expect(abs(found - wanted) < 2e-5, "\(encoding.kind)")
      }
    }
  }

  @Test("distances are clipped to near and far") func clip() throws {
    let metres = try depths(encoding(.metres, near: 10, far: 30), map([5, 10, 20, 30, 90]))
    #expect(metres == [0, 0, 0.5, 1, 1])
    #expect(try depths(encoding(.disparity, far: 4), map([0, 0.5, 1])) == [1, 0.5, 0.25])
  }

  @Test("disparity in no unit takes the map's own range, within 20 times its nearest")
  func ownRange() throws {
    let even = (1...200).map { 1 / Float($0) }
    let range = try encoding(.disparity).decode(map(even), place: "m").range
    #expect(range?.near == 0 && abs((range?.far ?? 0) - 60) < 0.01)
    let some = (0..<100).map { 1 / (10 + Float($0) / 10) }
    let full = try encoding(.disparity).decode(map(some), place: "m").range
    #expect(abs((full?.far ?? 0) - 19.8) < 0.2)
  }

  @Test("unknown places take the nearest value, or far, and their share is told")
  func fills() throws {
    let values: [Float] = [0.2, -1, -1, -1, 0.8, .nan, .infinity, 0.4]
    let nearest = try encoding(.distance, invalid: -1).decode(map(values), place: "m")
    #expect(nearest.depth.pixels == [0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.4, 0.4])
    #expect(nearest.filled == 0.625)
    let far = try depths(encoding(.distance, invalid: -1, fill: .far), map(values))
    #expect(far == [0.2, 1, 1, 1, 0.8, 1, 1, 0.4])
    let square: [Float] = [0.1, .nan, .nan, .nan, .nan, .nan, .nan, .nan, 0.9]
    #expect(
      try depths(encoding(.distance), map(square, width: 3)) == [
        0.1, 0.1, 0.1, 0.1, 0.1, 0.9, 0.1, 0.9, 0.9,
      ])
  }

  @Test("what contradicts the declaration is refused in a line")
  func refused() throws {
    func what(_ encoding: DepthEncoding, _ values: [Float]) -> String {
      let error = #expect(throws: Problem.self) { try encoding.decode(map(values), place: "m") }
      return error?.description ?? ""
    }
    #expect(what(encoding(.distance), [0, 80]).hasPrefix("m: has a distance of 80.0, not of 0"))
    #expect(what(encoding(.nearness), [-3, 0]).hasPrefix("m: has a nearness of -3.0"))
    #expect(what(encoding(.metres, far: 80), [0, 5]).hasPrefix("m: has a distance of 0.0 m"))
    #expect(what(encoding(.disparity), [-1, 5]).hasPrefix("m: has a disparity of -1.0"))
    #expect(what(encoding(.disparity), [0, 0]).hasPrefix("m: has the disparity 0 everywhere"))
    #expect(
      what(encoding(.distance), [.nan, .nan]).hasPrefix("m: is unknown over all of it, more than"))
    let most = [Float](repeating: 7, count: 99) + [0.5]
    #expect(
      what(encoding(.distance, invalid: 7), most).hasPrefix("m: is unknown over 99.0 %, more than"))
  }

  @Test("a declaration that contradicts itself has its field named")
  func faults() {
    #expect(encoding(.metres).fault?.key == "far")
    #expect(encoding(.metres, near: 5, far: 5).fault?.what == "is 5.0, not beyond near, 5.0")
    #expect(encoding(.distance, far: 80).fault?.key == "far")
    #expect(encoding(.nearness, near: 1).fault?.key == "near")
    #expect(encoding(.disparity, scale: 0).fault?.key == "scale")
    #expect(encoding(.disparity).fault == nil)
  }

  @Test("a label's encoding is the encoding again") func label() {
    var whole = encoding(.metres, scale: 1 / 3, offset: -0.1, invalid: 0, near: 2, far: 81.5)
    #expect(DepthEncoding(whole.json()) == whole)
    (whole.fill, whole.smooth) = (.far, true)
    #expect(DepthEncoding(whole.json()) == whole)
    #expect(encoding(.distance).json(bits: 16)["scale"]?.double == 1.0 / 65535)
    #expect(DepthEncoding(["kind": "feet"]) == nil)
  }

  @Test("8-bit stairs become a slope, and edges stay as they are")
  func smoothing() throws {
    var values = (0..<512).map { Float($0 / 8) }
    for i in 256..<512 { values[i] += 100 }
    let rows = (0..<512).flatMap { _ in values }
    var smooth = DepthEncoding(.distance)
    let made = try smooth.decode(map(rows, width: 512, bits: 8), place: "m")
    #expect(made.isSmoothed)
    let line = Array(made.depth.pixels[..<512])
    for x in 32..<200 {
      #expect(abs(line[x + 1] - line[x]) * 255 < 0.2)
      #expect(abs(line[x] * 255 - (Float(x) - 3.5) / 8) < 0.13)
    }
    #expect((line[256] - line[255]) * 255 > 100)
    smooth.smooth = false
    let plain = try smooth.decode(map(rows, width: 512, bits: 8), place: "m")
    #expect(!plain.isSmoothed && plain.depth.pixels[71] == 8 / 255)
  }

  @Test("haze in a given depth is J t + A (1 - t) with t = exp(-beta d)")
  func haze() throws {
    let depth = try encoding(.metres, far: 50).decode(
      map([5, 10, 20, 25, 40, 50], width: 3), place: "m"
    ).depth
    let scene = Scene(width: 3, height: 2, depth: depth.pixels, depthLabel: [:])
    let gt = Image(width: 3, height: 2, pixels: (0..<18).map { Float($0) / 20 })
    let settings: [JSON.Member] = [
      .init("beta", 1.5), .init("airlight", [0.8, 0.7, 0.9]), .init("heterogeneity", 0),
    ]
    let lq = try DegradationChain([("haze", 0.5)], space: .srgb).apply(
      to: gt, scene: scene, seed: 1, index: 1, settings: [settings]
    ).lq
    for (i, metres) in [5.0, 10, 20, 25, 40, 50].enumerated() {
      let t = ExactMath.exp(-1.5 * metres / 50)
      for (c, airlight) in [0.8, 0.7, 0.9].enumerated() {
        let wanted = Double(gt.pixels[3 * i + c]) * t + airlight * (1 - t)
        #expect(abs(Double(lq.pixels[3 * i + c]) - wanted) <= 0.5 / 255 + 1e-6)
      }
    }
  }
}
