import Basics
import CPixels
import Testing

/// The instruction sets of this CPU beside the portable one; says loudly which it lacks.
let vectorSets: [dp_isa] = [DP_AVX2, DP_AVX512].filter { isa in
  if dp_kernels_of(isa) != nil { return true }
  print("NOT TESTED: this CPU has no \(String(cString: dp_isa_name(isa))) for the picture kernels")
  return false
}

@Suite("Picture kernels") struct PixelKernelTests {
  /// Sizes round the ends of vectors and of groups of four.
  static let sizes = [1, 3, 15, 16, 17, 48, 63, 64, 65, 129, 960]

  typealias Call = @Sendable (dp_kernels, inout [Float], [Float]) -> Void
  static let calls: [(name: String, call: Call)] = [
    ("srgb_to_linear", { k, x, _ in k.srgb_to_linear(&x, x.count) }),
    ("linear_to_srgb", { k, x, _ in k.linear_to_srgb(&x, x.count) }),
    ("add_noise", { k, x, _ in k.add_noise(&x, x.count, 0.01, 0.002, place) }),
    ("decay", { k, x, t in k.decay(&x, t, x.count, 1.7) }),
    ("blend", { k, x, t in k.blend(&x, t, x.count / 3, [0.9, 0.8, 0.7]) }),
    ("illuminate", { k, x, t in k.illuminate(&x, t, x.count / 3, [0.3, 0.2, 0.1]) }),
    ("gather", { k, x, t in k.gather(&x, t, x.count, [0, 5, 64, 33], [0.1, 0.2, 0.3, 0.4], 4) }),
    ("quantise", { k, x, _ in k.quantise(&x, x.count, 4095) }),
    ("clamp", { k, x, _ in k.clamp(&x, x.count) }),
    ("count_electrons", { k, x, _ in k.count_electrons(&x, x.count, 30, place) }),
    ("impulse of pixels", { k, x, _ in k.impulse(&x, x.count / 3, 3, 9.5, 1 << 29, place) }),
    ("impulse of values", { k, x, _ in k.impulse(&x, x.count, 1, 0.7, 1 << 31, place) }),
    ("from_codes", { k, x, t in k.from_codes(&x, mask(t), x.count) }),
    (
      "to_codes",
      { k, x, _ in
        var codes = [UInt8](repeating: 0, count: x.count)
        k.to_codes(&codes, x, x.count)
        x = codes.map(Float.init)
      }
    ),
    ("paint", { k, x, t in k.paint(&x, mask(t), x.count / 3, [0.9, 0.8, 0.7]) }),
    ("paint_noise", { k, x, t in k.paint_noise(&x, mask(t), x.count / 3, place) }),
    ("curve", { k, x, _ in k.curve(&x, x.count, 0.9, 2.5, 0.8) }),
    (
      "extremes",
      { k, x, t in
        var high = x
        k.extremes(&x, &high, t, t, x.count, 7, 9)
        for i in x.indices { x[i] += 2 * high[i] }
      }
    ),
    ("run_sums", { k, x, _ in k.run_sums(&x, x.count / 3, 3, 3) }),
    (
      "stack_layers",
      { k, x, t in
        var glow = x
        k.stack_layers(&x, &glow, t + t, [0.9, 0.7], 2, x.count)
        for i in x.indices { x[i] += 2 * glow[i] }
      }
    ),
    ("sum_opacity", { k, x, t in k.sum_opacity(&x, t + t, 2, x.count) }),
    (
      "mix_lights",
      { k, x, t in k.mix_lights(&x, t, t, x.count / 3, [0.9, 0.8, 0.7], [0.2, 0.3, 0.4]) }
    ),
    ("lay_over", { k, x, t in k.lay_over(&x, x.count, t, t.count, x.count / 4, 1) }),
    (
      "unpremultiply",
      { k, x, t in
        var out = [Float](repeating: 0, count: x.count / 4 * 3)
        k.unpremultiply(&out, t, x.count / 4)
        x.replaceSubrange(0..<out.count, with: out)
      }
    ),
    ("defocus", { k, x, t in k.defocus(&x, t, x.count, 0.2, 0.8, 1.5) }),
    ("harden", { k, x, t in k.harden(&x, t, x, t.map { $0 + 0.4 }, x.count, 0.5) }),
    (
      "whole_numbers",
      { k, x, _ in
        var whole = [Int16](repeating: 0, count: x.count)
        k.whole_numbers(&whole, x, x.count, 21)
        x = whole.map(Float.init)
      }
    ),
    ("light_of_codes", { k, x, t in k.light_of_codes(&x, mask(t), x.count, light) }),
  ]
  private static let light = (0..<256).map { Float($0) * 0.001 }
  /// A third of the places.
  private static func mask(_ x: [Float]) -> [UInt8] { x.map { $0 < 0.3 ? 255 : 0 } }
  static let place = dp_stream(seed: 0x1234_5678_9abc, index: 1 << 40, stream: 77, block: 5)

  @Test("every vector path gives the bits of the portable path", arguments: calls.map(\.name))
  func sameBits(name: String) throws {
    let call = try #require(Self.calls.first { $0.name == name }).call
    let portable = try #require(dp_kernels_of(DP_PORTABLE)).pointee
    for isa in vectorSets {
      let vector = try #require(dp_kernels_of(isa)).pointee
      for size in Self.sizes {
        var random = RandomStream(seed: 9, index: UInt64(size))
        var a = (0..<size).map { _ in Float(random.uniform(-0.1, 1.2)) }
        let other = (0..<size + 64).map { _ in Float(random.uniform()) }
        var b = a
        call(portable, &a, other)
        call(vector, &b, other)
        #expect(a.map(\.bitPattern) == b.map(\.bitPattern), "\(name), \(size) values")
      }
    }
  }

  @Test("the sRGB curve and its inverse are within 1e-6 of the definition")
  func transfer() {
    let k = dp_kernels_used().pointee
    let codes = (0...4096).map { Float($0) / 4096 }
    var linear = codes
    k.srgb_to_linear(&linear, linear.count)
    for (s, l) in zip(codes.map(Double.init), linear) {
      let exact = s <= 0.04045 ? s / 12.92 : ExactMath.pow((s + 0.055) / 1.055, 2.4)
      #expect(abs(Double(l) - exact) <= 1e-6 * exact)
    }
    var back = linear
    k.linear_to_srgb(&back, back.count)
    for (s, b) in zip(codes, back) { #expect(abs(s - b) < 4e-7) }
  }

  @Test("every 8-bit code survives the way to linear light and back")
  func roundTrip() {
    let k = dp_kernels_used().pointee
    var x = (0...255).map { Float($0) / 255 }
    k.srgb_to_linear(&x, x.count)
    #expect(x[0] == 0 && x[255] == 1)
    k.linear_to_srgb(&x, x.count)
    #expect(x.map { Int(($0 * 255).rounded()) } == Array(0...255))
  }

  @Test("noise takes its random words from the stream's own blocks")
  func wordsOfTheStream() {
    let k = dp_kernels_used().pointee
    let stream = RandomStream(seed: 3, index: 8, stream: 4)
    var x = [Float](repeating: 0, count: 64)
    k.add_noise(&x, 64, 0, 1, dp_stream(seed: 3, index: 8, stream: 4, block: 32))
    for lane in 0..<16 {
      let w = stream.block(32 + UInt32(lane))
      let radius = (-2 * ExactMath.log((Double(w[0] >> 8) + 1) * 0x1p-24)).squareRoot()
      let power = x[lane] * x[lane] + x[16 + lane] * x[16 + lane]
      #expect(abs(Double(power) - radius * radius) < 1e-5)
    }
  }

  @Test("a picture may be filled with noise in pieces")
  func pieces() {
    let k = dp_kernels_used().pointee
    var whole = [Float](repeating: 0.5, count: 640)
    k.add_noise(&whole, 640, 0.1, 0.1, Self.place)
    var tail = [Float](repeating: 0.5, count: 320)
    var place = Self.place
    place.block += 80
    k.add_noise(&tail, 320, 0.1, 0.1, place)
    #expect(Array(whole[320...]) == tail)
  }

  @Test("noise has the moments of the normal distribution")
  func moments() {
    let n = 1 << 20
    var x = [Float](repeating: 0, count: n)
    dp_kernels_used().pointee.add_noise(&x, n, 0, 1, Self.place)
    func mean(_ f: (Double) -> Double) -> Double {
      x.reduce(0) { $0 + f(Double($1)) } / Double(n)
    }
    #expect(abs(mean { $0 }) < 0.004)
    #expect(abs(mean { $0 * $0 } - 1) < 0.006)
    #expect(abs(mean { $0 * $0 * $0 }) < 0.012)
    #expect(abs(mean { $0 * $0 * $0 * $0 } - 3) < 0.05)
    #expect(abs(zip(x, x.dropFirst()).reduce(0) { $0 + Double($1.0 * $1.1) } / Double(n)) < 0.004)
  }
}
