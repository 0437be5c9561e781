import Basics
import Networks
import Tensors
import Testing

/// Start values of the transformers, as the reference draws them.
@Suite struct StartValueTests {
  /// What a parameter's values are like.
  private enum Start {
    case constant(Float)
    case normal(Double)
    /// In +-bound, and not crowded in the middle.
    case uniform(Double)
    case unitInterval

    func fits(_ values: [Double]) -> Bool {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
      // Five standard errors.
      let slack = 5 / count.squareRoot()
      func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= slack * max(b, 1e-9) }
      switch self {
      case .constant(let value): return values.allSatisfy { Float($0) == value }
      case .normal(let sigma): return abs(mean) < slack * sigma && isNear(deviation, sigma)
      case .uniform(let bound):
        return values.allSatisfy { abs($0) <= bound } && isNear(deviation, bound / 3.0.squareRoot())
      case .unitInterval:
        return values.allSatisfy { (0..<1).contains($0) } && isNear(mean, 0.5)
          && isNear(deviation, 1 / 12.0.squareRoot())
      }
    }
  }

  /// Checks every parameter and returns how many there were.
  private func expect(_ network: any RestorationNetwork, _ start: (String, [Int]) -> Start) {
    for (name, entry) in network.store.export() {
      let values = (entry.floats ?? []).map { Double($0) }
      #expect(start(name, entry.shape).fits(values), "\(name)")
    }
  }

  /// PyTorch's default for a weight of that shape.
  private func standard(_ shape: [Int]) -> Start {
    .uniform(1 / Double(shape.dropFirst().reduce(1, *)).squareRoot())
  }

  @Test("DCPT's Restormer starts with normal convolutions") func restormer() {
    expect(Restormer(.init(dim: 8, blocks: [1, 1, 1, 1], hasBias: true))) { name, _ in
      if name.hasSuffix("norm1.body.weight") || name.hasSuffix("norm2.body.weight") {
        return .constant(1)
      }
      if name.hasSuffix("temperature") { return .constant(1) }
      return name.hasSuffix(".bias") ? .constant(0) : .normal(0.02)
    }
  }

  @Test("PromptIR and the other Restormers start as PyTorch does, prompts in 0 ..< 1")
  func promptir() {
    let prompts = PromptIR.Configuration.Prompts(channels: [8, 8, 8], sides: [16, 8, 4])
    let networks: [any RestorationNetwork] = [
      Restormer(.init(dim: 8, blocks: [1, 1, 1, 1], form: .published)),
      PromptIR(.init(dim: 8, blocks: [1, 1, 1, 1], heads: [1, 2, 4, 4], prompts: prompts)),
    ]
    for network in networks {
      expect(network) { name, shape in
        if name.contains("norm") { return .constant(name.hasSuffix("weight") ? 1 : 0) }
        if name.hasSuffix("temperature") { return .constant(1) }
        if name.hasSuffix("prompt_param") { return .unitInterval }
        guard name.hasSuffix("linear_layer.bias") else { return standard(shape) }
        // The bias has its weight's bound, which reads 16, 32 or 64 channels.
        let level = ["prompt1", "prompt2", "prompt3"].firstIndex { name.hasPrefix($0) } ?? 0
        return .uniform(1 / Double(16 << level).squareRoot())
      }
    }
  }

  @Test("SwinIR starts with normal linear layers and standard convolutions") func swinir() {
    expect(
      SwinIR(.init(dim: 16, depths: [2, 2], heads: [2, 2], windowSize: 4, form: .published))
    ) { name, shape in
      if name.contains("norm") { return .constant(name.hasSuffix("weight") ? 1 : 0) }
      if name.hasSuffix("relative_position_bias_table") { return .normal(0.02) }
      if name.contains(".attn.") || name.contains(".mlp.") {
        return name.hasSuffix("bias") ? .constant(0) : .normal(0.02)
      }
      // A convolution's bias has its weight's bound: 3x3, of the picture or of 16 channels.
      let inner = name == "conv_first.bias" ? 3 : 16
      return shape.count == 1
        ? .uniform(1 / Double(9 * inner).squareRoot()) : standard(shape)
    }
  }
}
