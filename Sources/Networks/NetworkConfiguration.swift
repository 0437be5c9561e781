import Tensors

/// The sizes of one of the networks there are.
public enum NetworkConfiguration: Sendable, Equatable {
  /// A U-shaped network without activation functions.
  case nafnet(NAFNet.Configuration)
  /// Attention in windows.
  case swinir(SwinIR.Configuration)
  /// Attention between channels.
  case restormer(Restormer.Configuration)
  /// Restormer's blocks with learned prompts.
  case promptir(PromptIR.Configuration)

  /// Makes the network with start values drawn from `seed`.
  public func network(seed: UInt64 = 0) -> any RestorationNetwork {
    switch self {
    case .nafnet(let sizes): NAFNet(sizes, seed: seed)
    case .swinir(let sizes): SwinIR(sizes, seed: seed)
    case .restormer(let sizes): Restormer(sizes, seed: seed)
    case .promptir(let sizes): PromptIR(sizes, seed: seed)
    }
  }
}

extension NAFNet {
  /// The sizes it was made with, as one of the networks.
  public var sizes: NetworkConfiguration { .nafnet(configuration) }
}
extension SwinIR {
  /// The sizes it was made with, as one of the networks.
  public var sizes: NetworkConfiguration { .swinir(configuration) }
}
extension Restormer {
  /// The sizes it was made with, as one of the networks.
  public var sizes: NetworkConfiguration { .restormer(configuration) }
}
extension PromptIR {
  /// The sizes it was made with, as one of the networks.
  public var sizes: NetworkConfiguration { .promptir(configuration) }
}
