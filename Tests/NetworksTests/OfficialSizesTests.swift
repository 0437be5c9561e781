import Basics
import Foundation
import Networks
import Tensors
import TestSupport
import Testing

/// Names, shapes and counts of the official networks and of the classifiers that fit them.
@Suite struct OfficialSizesTests {
  static let names: [String] = {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: Golden.path("full"))) ?? []
    return found.sorted().filter { $0.hasSuffix(".json") && $0 != "summary.json" }
  }()

  /// The network that a file of these describes, and all that the file says.
  static func network(_ name: String) throws -> (network: any RestorationNetwork, golden: JSON) {
    let path = Golden.path("full/" + name)
    let golden = try JSON(parsing: try readFile(path), place: path)
    let network = try NetworksTests.network(arch: try arch(name), kwargs: golden["kwargs"] ?? [:])
    return (network, golden)
  }

  /// The classifier that fits the network.
  static func classifier(for network: any RestorationNetwork, _ head: JSON) throws
    -> DegradationClassifier
  {
    DegradationClassifier(
      .init(
        featureChannels: network.featureChannels, classes: head["num_classes"]?.integer ?? 0,
        blocks: head["num_res_blocks"]?.integer ?? 0, shrinksFeatures: network.featuresShareSize))
  }

  @Test("all official networks are there") func allAreThere() {
    #expect(OfficialSizesTests.names.count == 11)
  }

  @Test("a network has the reference's tensors", arguments: names) func agrees(_ name: String)
    throws
  {
    let (network, golden) = try Self.network(name)
    try compare(network.store, golden)
    guard let head = golden["head"], head != .null else { return }
    #expect(network.featureChannels == head["feature_dims"]?.integers)
    #expect(network.featuresShareSize == head["downsample"]?.bool)
    try compare(try Self.classifier(for: network, head).store, head)
  }

  /// "swinir_upstream.json" is "swinir_up" in the golden files of networks.
  private static func arch(_ name: String) throws -> String {
    let words = name.dropLast(".json".count).split(separator: "_")
    let network = try #require(words.first)
    if words.contains("origin") { return network + "_origin" }
    return network + (words.contains("upstream") ? "_up" : "")
  }

  private func compare(_ store: ParameterStore, _ golden: JSON) throws {
    let entries = try #require(golden["state_dict"]?.array).filter { $0["kind"] != "buffer" }
    var expected: [String: [Int]] = [:]
    for entry in entries {
      expected[try #require(entry["name"]?.string)] = entry["shape"]?.integers
    }
    let found = Dictionary(uniqueKeysWithValues: store.parameters.map { ($0.name, $0.shape) })
    #expect(Set(found.keys).symmetricDifference(expected.keys).sorted() == [])
    for (name, shape) in expected { #expect(found[name] == shape, "\(name)") }
    #expect(store.elementCount == golden["total_parameters"]?.integer)
  }
}
