import Basics
import Networks
import Tensors
import TestSupport

/// A golden file: arrays in the reference's NCHW order, and its configuration.
struct GoldenFile {
  let name: String
  let content: Safetensors
  let config: JSON

  init(_ name: String) throws {
    self.name = name
    content = try Safetensors(reading: Golden.path(name))
    let text = content.metadata.first { $0.key == "config" }?.value ?? "{}"
    config = try JSON(parsing: text.utf8, place: name)
  }

  func floats(_ key: String) throws -> [Float] {
    guard let values = content[key]?.floats else {
      throw Problem(name, "has no float tensor '\(key)'")
    }
    return values
  }

  func integers(_ key: String) throws -> [Int] {
    guard let values = content[key]?.integers else {
      throw Problem(name, "has no integer tensor '\(key)'")
    }
    return values
  }

  /// A map stored as [n, c, h, w], as NHWC.
  func map(_ key: String) throws -> Tensor {
    guard let entry = content[key], let values = entry.floats, entry.shape.count == 4 else {
      throw Problem(name, "has no map '\(key)'")
    }
    let s = Shape(entry.shape[0], entry.shape[2], entry.shape[3], entry.shape[1])
    return Tensor(
      s,
      filling: { out in
        forEachPlace(s) { nhwc, nchw in out[nhwc] = values[nchw] }
      })
  }

  /// Tokens stored as [n, h w, c] of square maps, as NHWC.
  func tokens(_ key: String) throws -> Tensor {
    guard let entry = content[key], let values = entry.floats, entry.shape.count == 3 else {
      throw Problem(name, "has no tokens '\(key)'")
    }
    let side = Int(Double(entry.shape[1]).squareRoot())
    return Tensor(Shape(entry.shape[0], side, entry.shape[1] / side, entry.shape[2]), values)
  }

  func has(_ key: String) -> Bool { content[key] != nil }

  /// The network that the file describes, with its parameters.
  func network() throws -> any RestorationNetwork {
    let network = try NetworksTests.network(
      arch: config["arch"]?.string ?? "?", kwargs: config["kwargs"] ?? [:],
      trainSize: config["train_size"])
    try network.store.load(content.only("param."), prefix: "param.", place: name)
    return network
  }

  /// The classifier that the file describes, with its parameters.
  func classifier() throws -> DegradationClassifier {
    let head = DegradationClassifier(
      .init(
        featureChannels: featureChannels, classes: config["num_classes"]?.integer ?? 0,
        blocks: config["num_res_blocks"]?.integer ?? 0, shrinksFeatures: sharesSize))
    try head.store.load(content.only("param."), prefix: "param.", place: name)
    return head
  }

  /// What that classifier reads, finest first, as inputs whose gradients are wanted.
  func features(on tape: Tape) throws -> [Tensor] {
    try featureChannels.indices.map { i in
      let key = "features.\(i)"
      return tape.input(try sharesSize ? tokens(key) : map(key), wantsGradient: true)
    }
  }

  private var featureChannels: [Int] { config["feature_dims"]?.integers ?? [] }
  private var sharesSize: Bool { config["downsample"]?.bool ?? false }
}

private func forEachPlace(_ s: Shape, _ body: (Int, Int) -> Void) {
  for n in 0..<s.n {
    for i in 0..<s.h {
      for j in 0..<s.w {
        for c in 0..<s.c {
          body(((n * s.h + i) * s.w + j) * s.c + c, ((n * s.c + c) * s.h + i) * s.w + j)
        }
      }
    }
  }
}

extension Tensor {
  /// The values in NCHW order.
  var nchw: [Float] {
    let values = floats
    var out = [Float](repeating: 0, count: values.count)
    forEachPlace(shape) { nhwc, nchw in out[nchw] = values[nhwc] }
    return out
  }
}

extension JSON {
  /// The elements of an array of whole numbers.
  var integers: [Int] { array?.compactMap(\.integer) ?? [] }
}

/// The network that a golden configuration describes, under the reference's own words for its options.
func network(arch: String, kwargs: JSON, trainSize: JSON? = nil) throws -> any RestorationNetwork {
  switch arch {
  case "nafnet", "nafnet_tlc", "nafnet_up":
    let size = arch == "nafnet_tlc" ? Array((trainSize?.integers ?? []).suffix(2)) : nil
    return NAFNet(
      .init(
        width: kwargs["width"]?.integer ?? 0, encoderBlocks: kwargs["enc_blk_nums"]?.integers ?? [],
        middleBlocks: kwargs["middle_blk_num"]?.integer ?? 0,
        decoderBlocks: kwargs["dec_blk_nums"]?.integers ?? [],
        form: arch == "nafnet_up" ? .published : .dcpt, trainSize: size))
  case "swinir", "swinir_up": return swinir(kwargs, arch == "swinir" ? .dcpt : .published)
  case "restormer": return restormer(kwargs, .dcpt)
  case "restormer_origin": return restormer(kwargs, .dcptOrigin)
  case "restormer_up": return restormer(kwargs, .published)
  case "promptir": return promptir(kwargs, .dcpt)
  case "promptir_up": return promptir(kwargs, .published)
  default: throw Problem(arch, "is no network of the reference's")
  }
}

private func swinir(_ kwargs: JSON, _ form: SwinIR.Configuration.Form) -> SwinIR {
  SwinIR(
    .init(
      dim: kwargs["embed_dim"]?.integer ?? 0, depths: kwargs["depths"]?.integers ?? [],
      heads: kwargs["num_heads"]?.integers ?? [], windowSize: kwargs["window_size"]?.integer ?? 0,
      expansion: kwargs["mlp_ratio"]?.double ?? 0,
      residual: kwargs["resi_connection"]?.string.flatMap { .init(rawValue: $0) } ?? .one,
      imageSize: kwargs["img_size"]?.integer ?? 64, form: form))
}

private func restormer(_ kwargs: JSON, _ form: Restormer.Configuration.Form) -> Restormer {
  Restormer(
    .init(
      dim: kwargs["dim"]?.integer ?? 48, blocks: kwargs["num_blocks"]?.integers ?? [4, 6, 6, 8],
      refinementBlocks: kwargs["num_refinement_blocks"]?.integer ?? 4,
      heads: kwargs["heads"]?.integers ?? [1, 2, 4, 8],
      expansion: kwargs["ffn_expansion_factor"]?.double ?? 2.66,
      hasBias: kwargs["bias"]?.bool ?? false,
      norm: kwargs["LayerNorm_type"]?.string.flatMap { .init(rawValue: $0) }, form: form))
}

private func promptir(_ kwargs: JSON, _ form: PromptIR.Configuration.Form) -> PromptIR {
  let prompts = PromptIR.Configuration.Prompts(
    count: kwargs["prompt_len"]?.integer ?? 5,
    channels: kwargs["prompt_dims"]?.integers ?? [64, 128, 320],
    sides: kwargs["prompt_sizes"]?.integers ?? [64, 32, 16])
  return PromptIR(
    .init(
      dim: kwargs["dim"]?.integer ?? 48, blocks: kwargs["num_blocks"]?.integers ?? [4, 6, 6, 8],
      refinementBlocks: kwargs["refinement"]?.integer ?? 4,
      heads: kwargs["heads"]?.integers ?? [1, 2, 4, 8], hasBias: kwargs["bias"]?.bool ?? false,
      norm: kwargs["norm"]?.string.flatMap { .init(rawValue: $0) } ?? .withBias, prompts: prompts,
      form: form))
}

/// The largest error of a gradient that the golden table allows.
///
/// Where much cancels (temperatures, what chooses prompts, all of `net_restormer_b`) the reference's own
/// programs differ by more.
func gradientTolerance(_ parameter: String, in file: String) -> Float {
  let cancels =
    parameter.hasSuffix("attn.temperature") || parameter.contains("linear_layer")
    || file.hasSuffix("net_restormer_b.safetensors")
  return cancels ? 1e-3 : 3e-4
}
