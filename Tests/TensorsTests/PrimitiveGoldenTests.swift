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
    // Stored as [b, c, h w].
    let golden = try #require(file["l2_normalize"])
    let shaped = Safetensors([
      ("y", SafetensorsEntry(type: "F32", shape: [2, 8, 6, 10], bytes: golden.bytes))
    ])
    let lengths = l2Normalized(try map("l2_in")).floats
    #expect(relativeError(lengths, try map("y", of: shaped).floats) <= 2e-6)
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

  @Test("windows, their mask and their relative positions")
  func windows() throws {
    let map = Tensor(Shape(1, 8, 12, 3), try floats("swin.map_bhwc"))
    let windows = Windows(side: 4, shift: 2)
    let cut = windows.cut(map)
    #expect(cut.floats == (try floats("swin.windows_shifted")))
    #expect(windows.joined(cut, into: map.shape).floats == map.floats)
    #expect(
      windows.mask(height: 8, width: 12).flatMap { $0.flatMap { $0 } }
        == (try floats("swin.attn_mask_8x12_w4_s2")))
    #expect(
      windows.relativePositions.flatMap { $0 } == file["swin.relative_position_index_w4"]?.integers)
  }

  @Test("local pooling")
  func localPooling() throws {
    let kernel = try #require(file["tlc.kernel"]?.integers)
    try expect(localMean(try map("tlc.x"), window: (kernel[0], kernel[1])), "tlc.y")
  }
}
