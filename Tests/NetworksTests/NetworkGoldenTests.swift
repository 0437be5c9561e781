import Basics
import Networks
import Tensors
import TestSupport
import Testing

/// Outputs, features, losses and gradients of the reference networks (tolerances: shared golden table,
/// output 2e-5, loss 5e-6, gradients 3e-4 or 1e-3 of the largest magnitude).
@Suite struct NetworkGoldenTests {
  @Test(
    "a network computes what the reference computes, forward and backward",
    arguments: Golden.files(in: "nets"))
  func agrees(_ name: String) throws {
    let file = try GoldenFile(name)
    let network = try file.network()
    let tape = Tape()
    let input = tape.input(try file.map("input"), wantsGradient: true)
    let (output, features) = network.outputAndFeatures(input)
    #expect(relativeError(output.nchw, try file.floats("output")) < 2e-5)
    if file.has("feature.0") { try compareFeatures(features, of: network, file) }
    let loss = l1Loss(output, try file.map("target"))
    #expect(relativeError([loss.item], try file.floats("loss")) < 5e-6)
    tape.backward(from: loss)
    let gradient = try #require(tape.gradient(of: input))
    #expect(
      relativeError(gradient.nchw, try file.floats("grad.input"))
        < gradientTolerance("input", in: name))
    for (parameter, entry) in network.store.export(network.store.gradients) {
      let error = relativeError(entry.floats ?? [], try file.floats("grad.\(parameter)"))
      #expect(
        error < gradientTolerance(parameter, in: name),
        "\(name): gradient of \(parameter), \(error)")
    }
  }

  private func compareFeatures(
    _ features: [Tensor], of network: any RestorationNetwork, _ file: GoldenFile
  ) throws {
    // The file has them in running order, coarsest first; SwinIR's as tokens, which is our own order.
    #expect(!file.has("feature.\(features.count)"))
    for (i, feature) in features.reversed().enumerated() {
      let values = network.featuresShareSize ? feature.floats : feature.nchw
      #expect(relativeError(values, try file.floats("feature.\(i)")) < 2e-5)
    }
    #expect(network.featureChannels == features.map(\.shape.c))
  }

  @Test(
    "the early exit gives the same features as the whole pass", arguments: Golden.files(in: "nets"))
  func earlyExit(_ name: String) throws {
    let file = try GoldenFile(name)
    let network = try file.network()
    let x = try file.map("input")
    for (a, b) in zip(network.features(x), network.outputAndFeatures(x).features) {
      #expect(a.floats == b.floats)
    }
  }

  @Test("without local pooling the local network is the plain one")
  func globalPooling() throws {
    let file = try GoldenFile("nets/net_nafnet_tlc.safetensors")
    var sizes = try #require(try file.network() as? NAFNet).configuration
    sizes.trainSize = nil
    let network = NAFNet(sizes)
    try network.store.load(file.content.only("param."), prefix: "param.", place: file.name)
    #expect(
      relativeError(network(try file.map("input")).nchw, try file.floats("output_global_pool"))
        < 2e-5)
  }

  @Test("weights of another network are refused, naming the tensor and both shapes")
  func otherWeights() throws {
    let file = try GoldenFile("nets/net_nafnet_b.safetensors")
    let network = NAFNet(
      .init(width: 8, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1]))
    #expect {
      try network.store.load(file.content.only("param."), prefix: "param.", place: "w.safetensors")
    } throws: {
      "\($0)".contains(
        "w.safetensors: 'intro.weight' is F32 [4, 3, 3, 3], the network wants F32 [8, 3, 3, 3]")
    }
  }

  @Test("exported weights load back to the same values")
  func exportRoundTrip() throws {
    let sizes = NAFNet.Configuration(
      width: 8, encoderBlocks: [1], middleBlocks: 1, decoderBlocks: [1])
    let (a, b) = (NAFNet(sizes, seed: 1), NAFNet(sizes, seed: 2))
    try b.store.load(Safetensors(a.store.export()), place: "memory")
    for (x, y) in zip(a.store.export(), b.store.export()) { #expect(x.entry == y.entry) }
  }
}

extension Safetensors {
  /// The entries whose names start with a prefix.
  func only(_ prefix: String) -> Safetensors {
    Safetensors(entries.filter { $0.name.hasPrefix(prefix) })
  }
}
