import Basics
import TestSupport
import Testing

@testable import Tensors

/// Every array of units/primitives (2e-6 of the largest magnitude; moves exactly).
@Suite struct PrimitiveGoldenTests {
  private let file: Safetensors

  init() throws { file = try Safetensors(reading: Golden.path("units/primitives.safetensors")) }

  private func floats(_ key: String) throws -> [Float] { try #require(file[key]?.floats, "\(key)") }

  /// An array stored as [n, c, h, w], as NHWC.
  private func map(_ key: String, of other: Safetensors? = nil) throws -> Tensor {
    let entry = try #require((other ?? file)[key])
    let values = try #require(entry.floats)
    let s = Shape(entry.shape[0], entry.shape[2], entry.shape[3], entry.shape[1])
    return Tensor(s) { out in
      for n in 0..<s.n {
        for c in 0..<s.c {
          for p in 0..<s.area {
            out[(n * s.area + p) * s.c + c] = values[(n * s.c + c) * s.area + p]
          }
        }
      }
    }
  }

  private func expect(_ tensor: Tensor, _ key: String, tolerance: Float = 2e-6) throws {
    #expect(relativeError(tensor.floats, try map(key).floats) <= tolerance, "\(key)")
  }

  /// A parameter holding an array of the file.
  private func parameter(_ key: String, _ layout: Parameter.Layout = .plain) throws -> Parameter {
    let entry = try #require(file[key])
    let scope = Scope(seed: 0)
    let made = scope.parameter(key, entry.shape, layout, .constant(0))
    try scope.store.load(Safetensors([(key, entry)]), place: "golden")
    Self.kept.append(scope.store)
    return made
  }
  /// Parameters do not own their store.
  nonisolated(unsafe) private static var kept: [ParameterStore] = []

  @Test("convolutions")
  func convolutions() throws {
    let x = try map("x")
    let bias = try parameter("conv.bias")
    try expect(convolution3x3(x, try parameter("conv3.weight", .convolution), bias), "conv3x3_pad1")
    try expect(
      downsample2x2(x, try parameter("conv2.weight", .convolution), bias), "conv2x2_stride2")
    try expect(
      depthwise3x3(x, try parameter("convdw.weight", .convolution)), "conv_depthwise3x3_pad1")
  }

  @Test("normalisations")
  func normalisations() throws {
    let x = try map("x")
    let (w, b) = (try parameter("norm.weight"), try parameter("norm.bias"))
    try expect(layerNorm(x, w, b), "layernorm2d_nafnet_eps1e6")
    try expect(layerNorm(x, w, b), "layernorm_head_eps1e6")
    try expect(layerNorm(x, w, b), "layernorm_withbias_dcpt_restormer_eps1e6")
    try expect(layerNorm(x, w, b, epsilon: 1e-5), "layernorm_withbias_promptir_eps1e5")
    try expect(biasFreeNorm(x, w, epsilon: 1e-6), "layernorm_biasfree_dcpt_restormer_eps1e6")
    try expect(biasFreeNorm(x, w, epsilon: 1e-5), "layernorm_biasfree_promptir_eps1e5")
    // Stored as [b, h, w, c], which is our own order.
    let swin = layerNorm(x, w, b, epsilon: 1e-5).floats
    #expect(relativeError(swin, try floats("layernorm_swin_eps1e5")) <= 2e-6)
  }

  @Test("attention between channels divides by the reference's lengths")
  func channelLengths() throws {
    // Stored as [b, c, h w]: normalised queries and keys, one all zeros and one below the least length.
    let unit = try floats("l2_normalize")
    let x = try map("l2_in")
    let (c, area, v) = (x.shape.c, x.shape.area, x.floats)
    let scope = Scope(seed: 0)
    let temperature = scope.vector("temperature", shape: [1, 1, 1], repeating: 1.5)
    let y = channelAttention(concatenated(concatenated(x, x), x), temperature, .relu).floats
    Self.kept.append(scope.store)
    func channel(_ n: Int, _ i: Int) -> ArraySlice<Float> {
      unit[(n * c + i) * area..<(n * c + i + 1) * area]
    }
    var plain: [Float] = []
    for n in 0..<x.shape.n {
      let scores = (0..<c).map { i in
        (0..<c).map { j in
          zip(channel(n, i), channel(n, j)).reduce(0.0) { $0 + 1.5 * Double($1.0) * Double($1.1) }
        }
      }
      for p in 0..<area {
        let values = (0..<c).map { Double(v[(n * area + p) * c + $0]) }
        plain += scores.map { Float(zip($0, values).reduce(0) { $0 + max(0, $1.0) * $1.1 }) }
      }
    }
    #expect(relativeError(y, plain) <= 2e-6)
  }

  @Test("activations")
  func activations() throws {
    let x = try map("x")
    try expect(gelu(x), "gelu_exact")
    #expect(relativeError(gelu(x).floats, try map("gelu_tanh_WRONG").floats) > 2e-5)
    try expect(leakyReLU(x, slope: 0.2), "leaky_relu_02")
    let rows = softmax(Tensor(Shape(2, 8, 6, 10), try floats("x")))
    #expect(relativeError(rows.floats, try floats("softmax_last")) <= 2e-6)
  }

  @Test(
    "resizing",
    arguments: [
      ("bilinear_down_3x4", 3, 4), ("bilinear_mixed_4x17", 4, 17), ("bilinear_same_6x10", 6, 10),
      ("bilinear_up_13x11", 13, 11),
    ])
  func resizing(_ name: String, _ height: Int, _ width: Int) throws {
    try expect(bilinearResized(try map("x"), height: height, width: width), name)
  }

  @Test("moves are exact")
  func moves() throws {
    let (x, odd) = (try map("x"), try map("odd"))
    try expect(pixelShuffled(x), "pixel_shuffle2", tolerance: 0)
    try expect(pixelUnshuffled(x), "pixel_unshuffle2", tolerance: 0)
    try expect(padded(x, right: 3, bottom: 2, .zero), "zero_pad_r3_b2", tolerance: 0)
    try expect(padded(x, right: 3, bottom: 2, .reflect), "reflect_pad_r3_b2", tolerance: 0)
    let rows = Padding.replicate.places(side: 6, before: 3)
    let columns = Padding.replicate.places(side: 10, before: 1, after: 2)
    try expect(gathered(x, rows: rows, columns: columns), "replicate_pad_l1_r2_t3_b0", tolerance: 0)
    try expect(maxPool2(odd), "maxpool2_odd", tolerance: 0)
    try expect(
      gathered(x, rows: [0, 2, 4], columns: [0, 2, 4, 6, 8]), "nearest_half", tolerance: 0)
    try expect(
      gathered(odd, rows: [0, 2, 4, 6, 8, 10], columns: [0, 2, 4, 6, 8]), "nearest_half_odd",
      tolerance: 0)
    try expect(
      gathered(odd, rows: [0, 4, 8], columns: [0, 4]), "nearest_quarter_odd", tolerance: 0)
  }

  @Test("windows attend under the reference's mask and relative positions")
  func windows() throws {
    let mask = try floats("swin.attn_mask_8x12_w4_s2")
    let places = try #require(file["swin.relative_position_index_w4"]?.integers)
    let map = MapSize(1, 8, 12, 6)
    var random = RandomStream(seed: 21)
    let qkv = (0..<3 * map.count).map { _ in Float(random.normal()) }
    let scope = Scope(seed: 22)
    let table = scope.positionTable("table", side: 4, heads: 2, start: .normal(deviation: 1))
    let y = windowAttention(
      Tensor(Shape(1, 8, 12, 18), qkv), heads: 2,
      in: Windows(side: 4, shift: 2, isMasked: true), table)
    let values = table.exported(from: scope.store.values)
    let plain = PlainAttention.inWindows(
      qkv, map, heads: 2, side: 4, shift: 2,
      bias: { head, i, j in Double(values[places[i * 16 + j] * 2 + head]) },
      mask: { window, i, j in Double(mask[(window * 16 + i) * 16 + j]) })
    #expect(relativeError(y.floats, plain.map { Float($0) }) <= 2e-6)
  }

  @Test("local pooling")
  func localPooling() throws {
    let kernel = try #require(file["tlc.kernel"]?.integers)
    try expect(localMean(try map("tlc.x"), window: (kernel[0], kernel[1])), "tlc.y")
  }
}
