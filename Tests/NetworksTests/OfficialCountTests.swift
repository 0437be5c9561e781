import Basics
import Networks
import Tensors
import TestSupport
import Testing

/// What dry runs of the official networks count, against the reference's own counts.
@Suite struct OfficialCountTests {
  private func count(_ body: () -> Void) -> DryRun.Count { DryRun.measure(body).count }
  private func picture() -> Tensor { Tensor(Shape(1, 128, 128, 3), repeating: 0) }

  @Test(
    "multiply-adds of a 128x128 picture are the reference's", arguments: OfficialSizesTests.names)
  func agrees(_ name: String) throws {
    let (network, golden) = try OfficialSizesTests.network(name)
    let expected = try #require(golden["macs_at_1x3x128x128"])
    let found = count { _ = network(picture()) }
    #expect(found.attention == expected["attention_matmul"]?.integer)
    #expect(found.multiplyAdds - mixedPrompts(network) == expected["total"]?.integer)
  }

  /// PromptIR mixes its stored maps by a product here; the reference multiplies element by element and sums, which
  /// its count leaves out.
  private func mixedPrompts(_ network: any RestorationNetwork) -> Int {
    network.store.parameters.filter { $0.name.hasSuffix("prompt_param") }.map(\.count).reduce(0, +)
  }

  @Test("multiply-adds of the classifiers are the reference's", arguments: OfficialSizesTests.names)
  func classifiersAgree(_ name: String) throws {
    let (network, golden) = try OfficialSizesTests.network(name)
    guard let head = golden["head"], head != .null else { return }
    let classifier = try OfficialSizesTests.classifier(for: network, head)
    let alone = count { _ = network.outputAndFeatures(picture()) }
    let both = count { _ = classifier(network.outputAndFeatures(picture()).features) }
    #expect(both.multiplyAdds - alone.multiplyAdds == head["macs"]?["total"]?.integer)
  }

  private static let official: [(name: String, sizes: NetworkConfiguration)] = [
    ("nafnet_w64_dcpt", .officialNAFNet()), ("swinir_dcpt", .officialSwinIR()),
    ("swinir_upstream", .officialSwinIR(.published)), ("restormer_dcpt", .officialRestormer()),
    ("restormer_origin_dcpt", .officialRestormer(.dcptOrigin)),
    ("restormer_upstream", .officialRestormer(.published)),
    ("promptir_dcpt", .officialPromptIR()), ("promptir_upstream", .officialPromptIR(.published)),
  ]

  @Test("the official sizes are the reference's", arguments: official)
  func officialSizes(name: String, sizes: NetworkConfiguration) throws {
    let (_, golden) = try OfficialSizesTests.network(name + ".json")
    let network = sizes.network()
    #expect(network.store.elementCount == golden["total_parameters"]?.integer)
    let found = count { _ = network(picture()) }
    #expect(
      found.multiplyAdds - mixedPrompts(network)
        == golden["macs_at_1x3x128x128"]?["total"]?.integer)
  }
}
