import Basics
import Networks
import Recipes
import Tensors

/// Networks and classifiers as safetensors files: tensors under the reference's names, and a
/// description in the metadata from which the network is built again without its recipe.
public enum Weights {
  static let networkKey = "dcpt.network"
  static let classifierKey = "dcpt.classifier"

  /// Writes a network's parameters, or another vector of its store such as their running average.
  public static func write(
    _ network: any RestorationNetwork, from vector: FlatVector? = nil, trainSize: Int,
    to path: String
  ) throws(Problem) {
    var description = network.sizes.json
    description["gt_size"] = .integer(trainSize)
    try Safetensors(
      network.store.export(vector),
      metadata: [("format", "pt"), (networkKey, description.compact)]
    ).write(to: path)
  }

  /// Writes a classifier's parameters with the names of its classes.
  public static func write(
    _ classifier: DegradationClassifier, from vector: FlatVector? = nil, classes: [String],
    to path: String
  ) throws(Problem) {
    var description = classifier.configuration.json
    description["classes"] = .array(classes.map { .string($0) })
    try Safetensors(
      classifier.store.export(vector),
      metadata: [("format", "pt"), (classifierKey, description.compact)]
    ).write(to: path)
  }

  /// Rebuilds a network from its file.
  ///
  /// - Parameter localPooling: Pools pictures larger than 1.5 training patches in windows of that
  ///   size (test-time local conversion) instead of over the whole picture; NAFNet only.
  /// - Throws: `Problem` when the file has no description or its tensors do not fit it, or when the
  ///   network does not pool.
  public static func readNetwork(_ path: String, localPooling: Bool = false) throws(Problem)
    -> any RestorationNetwork
  {
    let file = try tensors(of: path)
    var (sizes, trainSize) = try describedSizes(file, path)
    if localPooling { sizes = try pooledLocally(sizes, trainedOn: trainSize, path) }
    let network = sizes.network()
    try network.store.load(file, place: path)
    network.store.isFrozen = true
    return network
  }

  /// The network that a file says its tensors are of, and the side of the patches it was trained on.
  static func describedSizes(_ file: Safetensors, _ path: String) throws(Problem) -> (
    sizes: NetworkConfiguration, trainSize: Int
  ) {
    guard let text = description(networkKey, file) else {
      throw Problem(
        path, "does not say which network its weights belong to",
        fix: "'dcpt-train export' writes a file that does, with --recipe and --safetensors")
    }
    let section = try RecipeSection(parsing: text, file: "\(path) (\(networkKey))")
    let trainSize = try section.integer("gt_size", default: 128, in: 1...1_000_000)
    let sizes = try NetworkConfiguration(section)
    try section.finish()
    return (sizes, trainSize)
  }

  /// The tensors of a network in a file of ours or of PyTorch.
  ///
  /// - Parameter key: The name that those of a .pth stand under.
  static func tensors(of path: String, under key: String? = nil) throws(Problem) -> Safetensors {
    let isTorch = [".pth", ".pt", ".ckpt"].contains { path.hasSuffix($0) }
    var file =
      isTorch ? try TorchFile(reading: path).tensors(under: key) : try Safetensors(reading: path)
    file.entries.removeAll { entry in derived.contains { entry.name.hasSuffix($0) } }
    return file
  }

  /// What checkpoints of the published SwinIR hold beside the parameters; it follows from the sizes.
  private static let derived = [".attn_mask", ".relative_position_index"]

  private static func pooledLocally(
    _ sizes: NetworkConfiguration, trainedOn size: Int, _ path: String
  ) throws(Problem) -> NetworkConfiguration {
    guard case .nafnet(var nafnet) = sizes else {
      throw Problem(
        path, "is no NAFNet: there is no pooling to make local", fix: "leave --local-pooling out")
    }
    nafnet.trainSize = [size, size]
    return .nafnet(nafnet)
  }

  /// Rebuilds a classifier from its file, with the names of its classes.
  public static func readClassifier(_ path: String) throws(Problem) -> (
    classifier: DegradationClassifier, classes: [String]
  ) {
    let file = try Safetensors(reading: path)
    guard let text = description(classifierKey, file),
      case let description = try JSON(parsing: text.utf8, place: path),
      let configuration = DegradationClassifier.Configuration(description),
      let classes = description["classes"]?.array?.compactMap(\.string)
    else {
      throw Problem(
        path, "does not describe its classifier", fix: "give a classifier that dcpt-train wrote")
    }
    let classifier = DegradationClassifier(configuration)
    try classifier.store.load(file, place: path)
    classifier.store.isFrozen = true
    return (classifier, classes)
  }

  private static func description(_ key: String, _ file: Safetensors) -> String? {
    file.metadata.first { $0.key == key }?.value
  }
}

extension DegradationClassifier.Configuration {
  var json: JSON {
    [
      "feature_dims": .array(featureChannels.map { .integer($0) }),
      "num_classes": .integer(classes),
      "num_res_blocks": .integer(blocks), "expansion": .integer(expansion),
      "downsample": .bool(shrinksFeatures),
    ]
  }

  init?(_ json: JSON) {
    guard let channels = json["feature_dims"]?.array?.compactMap(\.integer), !channels.isEmpty,
      channels.count <= 8, channels.allSatisfy({ (1...65536).contains($0) }),
      let classes = json["num_classes"]?.integer, (2...10_000).contains(classes),
      let blocks = json["num_res_blocks"]?.integer, (0...100).contains(blocks),
      let expansion = json["expansion"]?.integer, (1...8).contains(expansion)
    else { return nil }
    // Files from before there were other networks are of NAFNet's classifier and do not say it.
    self.init(
      featureChannels: channels, classes: classes, blocks: blocks, expansion: expansion,
      shrinksFeatures: json["downsample"]?.bool ?? false)
  }
}
