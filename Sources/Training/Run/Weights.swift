import Basics
import Networks
import Tensors

/// Networks and classifiers as safetensors files: tensors under the reference's names, and a
/// description in the metadata from which the network is built again without its recipe.
public enum Weights {
  static let networkKey = "dcpt.network"
  static let classifierKey = "dcpt.classifier"

  /// Writes a network's parameters, or another vector of its store such as their running average.
  public static func write(
    _ network: NAFNet, from vector: FlatVector? = nil, trainSize: Int, to path: String
  ) throws(Problem) {
    var description = network.configuration.json
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
  ///   size (test-time local conversion) instead of over the whole picture.
  /// - Throws: `Problem` when the file has no description or its tensors do not fit it.
  public static func readNetwork(_ path: String, localPooling: Bool = false) throws(Problem)
    -> NAFNet
  {
    let file = try Safetensors(reading: path)
    guard let description = try Weights.description(networkKey, file, path),
      var configuration = NAFNet.Configuration(description)
    else {
      throw Problem(
        path, "does not say which network its weights belong to",
        fix: "give weights that dcpt-train wrote; others can start a run with 'finetune --from'")
    }
    if localPooling, let size = description["gt_size"]?.integer {
      configuration.trainSize = [size, size]
    }
    let network = NAFNet(configuration)
    try network.store.load(file, place: path)
    network.store.isFrozen = true
    return network
  }

  /// Rebuilds a classifier from its file, with the names of its classes.
  public static func readClassifier(_ path: String) throws(Problem) -> (
    classifier: DegradationClassifier, classes: [String]
  ) {
    let file = try Safetensors(reading: path)
    guard let description = try Weights.description(classifierKey, file, path),
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

  private static func description(_ key: String, _ file: Safetensors, _ path: String)
    throws(Problem)
    -> JSON?
  {
    guard let text = file.metadata.first(where: { $0.key == key })?.value else { return nil }
    return try JSON(parsing: text.utf8, place: path)
  }
}

extension NAFNet.Configuration {
  /// The sizes under the papers' names.
  var json: JSON {
    [
      "type": "NAFNet", "form": .string(form.rawValue), "width": .integer(width),
      "enc_blk_nums": .array(encoderBlocks.map { .integer($0) }),
      "middle_blk_num": .integer(middleBlocks),
      "dec_blk_nums": .array(decoderBlocks.map { .integer($0) }),
    ]
  }

  /// Reads the sizes; nil when they are not those of a NAFNet.
  init?(_ json: JSON) {
    guard json["type"]?.string == "NAFNet",
      let form = json["form"]?.string.flatMap(Form.init(rawValue:)),
      let width = json["width"]?.integer, (1...1024).contains(width),
      let encoders = json["enc_blk_nums"]?.array?.compactMap(\.integer),
      let middle = json["middle_blk_num"]?.integer,
      let decoders = json["dec_blk_nums"]?.array?.compactMap(\.integer),
      !encoders.isEmpty, encoders.count == decoders.count, encoders.count <= 8,
      (encoders + decoders + [middle]).allSatisfy({ (0...1000).contains($0) })
    else { return nil }
    self.init(
      width: width, encoderBlocks: encoders, middleBlocks: middle, decoderBlocks: decoders,
      form: form)
  }
}

extension DegradationClassifier.Configuration {
  var json: JSON {
    [
      "feature_dims": .array(featureChannels.map { .integer($0) }),
      "num_classes": .integer(classes),
      "num_res_blocks": .integer(blocks), "expansion": .integer(expansion),
    ]
  }

  init?(_ json: JSON) {
    guard let channels = json["feature_dims"]?.array?.compactMap(\.integer), !channels.isEmpty,
      channels.count <= 8, channels.allSatisfy({ (1...65536).contains($0) }),
      let classes = json["num_classes"]?.integer, (2...10_000).contains(classes),
      let blocks = json["num_res_blocks"]?.integer, (0...100).contains(blocks),
      let expansion = json["expansion"]?.integer, (1...8).contains(expansion)
    else { return nil }
    self.init(
      featureChannels: channels, classes: classes, blocks: blocks, expansion: expansion)
  }
}
