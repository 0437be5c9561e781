import Basics
import Networks
import Recipes

/// Networks as recipes and weights files name them: `type` and the sizes, under the keys of the field's option
/// files. JSON is YAML, so the description in a weights file is read by the same readers.
extension NetworkConfiguration {
  /// Reads the section of a recipe, or the description in a weights file.
  ///
  /// - Throws: `Problem` with the line of a size that is missing, of the wrong kind, or does not fit another.
  init(_ section: RecipeSection) throws(Problem) {
    let type: NetworkType = try section.choice("type", default: .nafnet)
    switch type {
    case .nafnet: self = .nafnet(try .init(section))
    case .swinir: self = .swinir(try .init(section))
    case .restormer: self = .restormer(try .init(section))
    case .promptir: self = .promptir(try .init(section))
    }
  }

  /// Which network it is.
  var type: NetworkType {
    switch self {
    case .nafnet: .nafnet
    case .swinir: .swinir
    case .restormer: .restormer
    case .promptir: .promptir
    }
  }

  /// The word for its form.
  var form: String {
    switch self {
    case .nafnet(let sizes): sizes.form.rawValue
    case .swinir(let sizes): sizes.form.rawValue
    case .restormer(let sizes): sizes.form.rawValue
    case .promptir(let sizes): sizes.form.rawValue
    }
  }

  /// The sizes under the same keys.
  var json: JSON {
    switch self {
    case .nafnet(let sizes): described(.nafnet, sizes.json)
    case .swinir(let sizes): described(.swinir, sizes.json)
    case .restormer(let sizes): described(.restormer, sizes.json)
    case .promptir(let sizes): described(.promptir, sizes.json)
    }
  }

  private func described(_ type: NetworkType, _ sizes: [JSON.Member]) -> JSON {
    .object([JSON.Member("type", .string(type.rawValue))] + sizes)
  }
}

/// The word for a network.
enum NetworkType: String, CaseIterable {
  case nafnet = "NAFNet"
  case swinir = "SwinIR"
  case restormer = "Restormer"
  case promptir = "PromptIR"
}

extension NAFNet.Configuration {
  fileprivate init(_ section: RecipeSection) throws(Problem) {
    let form: Form = try section.choice("form", default: .dcpt)
    let encoders = try section.integers("enc_blk_nums", in: 0...1000)
    let decoders = try section.integers("dec_blk_nums", in: 0...1000)
    guard !encoders.isEmpty, encoders.count == decoders.count, encoders.count <= 8 else {
      throw section.problem(
        "dec_blk_nums", "has \(decoders.count) levels, 'enc_blk_nums' \(encoders.count)",
        fix: "give both the same number of levels, from 1 to 8")
    }
    self.init(
      width: try section.integer("width", in: 1...1024), encoderBlocks: encoders,
      middleBlocks: try section.integer("middle_blk_num", in: 0...1000), decoderBlocks: decoders,
      form: form)
  }

  fileprivate var json: [JSON.Member] {
    [
      JSON.Member("form", .string(form.rawValue)), JSON.Member("width", .integer(width)),
      JSON.Member("enc_blk_nums", list(encoderBlocks)),
      JSON.Member("middle_blk_num", .integer(middleBlocks)),
      JSON.Member("dec_blk_nums", list(decoderBlocks)),
    ]
  }
}

extension SwinIR.Configuration {
  fileprivate init(_ section: RecipeSection) throws(Problem) {
    let form: Form = try section.choice("form", default: .dcpt)
    let dim = try section.integer("embed_dim", in: 4...1024)
    let depths = try section.integers("depths", in: 1...100)
    let heads = try section.integers("num_heads", in: 1...1024)
    let least = form == .dcpt ? 5 : 1
    guard (least...32).contains(depths.count) else {
      throw section.problem(
        "depths", "has \(depths.count) groups",
        fix: "give from \(least) to 32; DCPT's form reads the second half from the fourth on")
    }
    guard heads.count == depths.count else {
      throw section.problem(
        "num_heads", "has \(heads.count) groups, 'depths' \(depths.count)",
        fix: "give one number for each group")
    }
    try section.requireDivisors(heads, "num_heads", of: depths.map { _ in dim })
    self.init(
      dim: dim, depths: depths, heads: heads,
      windowSize: try section.integer("window_size", default: 8, in: 1...64),
      expansion: try section.number("mlp_ratio", default: 2, in: 0.25...16),
      residual: try section.choice("resi_connection", default: .one),
      imageSize: try section.integer("img_size", default: 64, in: 1...65_536), form: form)
  }

  fileprivate var json: [JSON.Member] {
    [
      JSON.Member("form", .string(form.rawValue)), JSON.Member("embed_dim", .integer(dim)),
      JSON.Member("depths", list(depths)), JSON.Member("num_heads", list(heads)),
      JSON.Member("window_size", .integer(windowSize)),
      JSON.Member("mlp_ratio", .number(expansion)),
      JSON.Member("resi_connection", .string(residual.rawValue)),
      JSON.Member("img_size", .integer(imageSize)),
    ]
  }
}

/// The keys that Restormer and PromptIR share.
private struct TransformerSizes {
  let dim: Int
  let blocks: [Int]
  let refinementBlocks: Int
  let heads: [Int]
  let expansion: Double
  let hasBias: Bool
  let norm: NormKind

  init(_ section: RecipeSection, norm: NormKind) throws(Problem) {
    let dim = try section.integer("dim", default: 48, in: 2...1024)
    guard dim.isMultiple(of: 2) else {
      throw section.problem("dim", "is \(dim), which is odd", fix: "give \(dim + 1)")
    }
    blocks = try section.integers("num_blocks", default: [4, 6, 6, 8], in: 1...1000, count: 4)
    refinementBlocks = try section.integer("num_refinement_blocks", default: 4, in: 0...1000)
    heads = try section.integers("heads", default: [1, 2, 4, 8], in: 1...1024, count: 4)
    self.dim = dim
    try section.requireDivisors(heads, "heads", of: (0..<4).map { dim << $0 })
    expansion = try section.number("ffn_expansion_factor", default: 2.66, in: 0.5...16)
    hasBias = try section.flag("bias", default: false)
    self.norm = try section.choice("LayerNorm_type", default: norm)
  }
}

/// What configurations of both say of these keys.
private protocol TransformerConfiguration {
  var dim: Int { get }
  var blocks: [Int] { get }
  var refinementBlocks: Int { get }
  var heads: [Int] { get }
  var expansion: Double { get }
  var hasBias: Bool { get }
  var norm: NormKind { get }
}

extension TransformerConfiguration {
  fileprivate func transformerJSON(form: String) -> [JSON.Member] {
    [
      JSON.Member("form", .string(form)), JSON.Member("dim", .integer(dim)),
      JSON.Member("num_blocks", list(blocks)),
      JSON.Member("num_refinement_blocks", .integer(refinementBlocks)),
      JSON.Member("heads", list(heads)), JSON.Member("ffn_expansion_factor", .number(expansion)),
      JSON.Member("bias", .bool(hasBias)), JSON.Member("LayerNorm_type", .string(norm.rawValue)),
    ]
  }
}

extension Restormer.Configuration: TransformerConfiguration {
  fileprivate init(_ section: RecipeSection) throws(Problem) {
    let form: Form = try section.choice("form", default: .dcpt)
    let sizes = try TransformerSizes(section, norm: form.usualNorm)
    self.init(
      dim: sizes.dim, blocks: sizes.blocks, refinementBlocks: sizes.refinementBlocks,
      heads: sizes.heads, expansion: sizes.expansion, hasBias: sizes.hasBias, norm: sizes.norm,
      form: form)
  }

  fileprivate var json: [JSON.Member] { transformerJSON(form: form.rawValue) }
}

extension PromptIR.Configuration: TransformerConfiguration {
  fileprivate init(_ section: RecipeSection) throws(Problem) {
    let form: Form = try section.choice("form", default: .dcpt)
    let sizes = try TransformerSizes(section, norm: .withBias)
    let prompts = Prompts(
      count: try section.integer("prompt_len", default: 5, in: 1...1000),
      channels: try section.integers(
        "prompt_dims", default: [64, 128, 320], in: 1...4096, count: 3),
      sides: try section.integers("prompt_sizes", default: [64, 32, 16], in: 1...1024, count: 3))
    self.init(
      dim: sizes.dim, blocks: sizes.blocks, refinementBlocks: sizes.refinementBlocks,
      heads: sizes.heads, expansion: sizes.expansion, hasBias: sizes.hasBias, norm: sizes.norm,
      prompts: prompts, form: form)
    for (inner, width) in zip(promptedChannels, prompts.channels)
    where !(inner + width).isMultiple(of: heads[2]) {
      throw section.problem(
        "prompt_dims",
        "\(width) beside \(inner) channels are \(inner + width), not a multiple of the \(heads[2]) heads of level 3",
        fix: "change 'prompt_dims' or 'heads'")
    }
  }

  fileprivate var json: [JSON.Member] {
    transformerJSON(form: form.rawValue) + [
      JSON.Member("prompt_len", .integer(prompts.count)),
      JSON.Member("prompt_dims", list(prompts.channels)),
      JSON.Member("prompt_sizes", list(prompts.sides)),
    ]
  }
}

private func list(_ values: [Int]) -> JSON { .array(values.map { .integer($0) }) }

extension RecipeSection {
  /// A list of whole numbers in a range, of a given count where there is one.
  fileprivate func integers(
    _ key: String, default standard: [Int]? = nil, in range: ClosedRange<Int>, count: Int? = nil
  ) throws(Problem) -> [Int] {
    let values = try integers(key, default: standard, atLeast: range.lowerBound)
    if let count, values.count != count {
      throw problem(key, "has \(values.count) numbers", fix: "give \(count), one for each level")
    }
    if let high = values.first(where: { $0 > range.upperBound }) {
      throw problem(key, "holds \(high), more than \(range.upperBound)")
    }
    return values
  }

  /// Each count of heads must divide its level's channels.
  fileprivate func requireDivisors(_ heads: [Int], _ key: String, of channels: [Int])
    throws(Problem)
  {
    for (heads, channels) in zip(heads, channels) where !channels.isMultiple(of: heads) {
      throw problem(
        key, "holds \(heads), which does not divide \(channels) channels",
        fix: "give a divisor of \(channels)")
    }
  }
}
