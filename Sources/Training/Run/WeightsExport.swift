import Basics
import Networks
import Recipes
import Tensors

/// Weights on their way to other programs: PyTorch, onnxruntime, or a file that says what it holds.
public struct WeightsExport {
  private let network: any RestorationNetwork
  private let trainSize: Int
  /// The trained values, where the weights are a run's averages of them.
  private let trained: Safetensors?

  /// Reads weights.
  ///
  /// - Parameters:
  ///   - path: A .safetensors or .pth file, or the folder of a run.
  ///   - recipe: The recipe whose network the weights belong to, for files that do not say it.
  ///   - key: The name that the tensors of a .pth stand under, such as `params`.
  /// - Throws: `Problem` when the file does not say which network it is of, or its tensors do not fit.
  public init(reading path: String, recipe: String? = nil, key: String? = nil) throws(Problem) {
    let file = weightsFile(path)
    let tensors = try Weights.tensors(of: file, under: key)
    let sizes: NetworkConfiguration
    if let recipe {
      let read = try TrainingRecipe(reading: recipe, overrides: [:])
      (sizes, trainSize) = (read.network, read.patches.size)
    } else {
      (sizes, trainSize) = try Weights.describedSizes(tensors, file)
    }
    network = sizes.network()
    try network.store.load(tensors, place: file)
    trained = try WeightsExport.trainedValues(ofRun: path)
  }

  /// The network's values in the newest checkpoint of a run; nil where it kept no averages beside them.
  private static func trainedValues(ofRun folder: String) throws(Problem) -> Safetensors? {
    let checkpoints = folder + "/checkpoints"
    guard let newest = Checkpoint.iterations(in: checkpoints).last else { return nil }
    let prefix = "network/values/"
    let file = try Safetensors(reading: Checkpoint.path(newest, in: checkpoints))
    guard file.entries.contains(where: { $0.name.hasPrefix("network/average/") }) else {
      return nil
    }
    let values = file.entries.filter { $0.name.hasPrefix(prefix) }
    return Safetensors(values.map { (String($0.name.dropFirst(prefix.count)), $0.entry) })
  }

  /// Parameters of the network.
  public var parameterCount: Int { network.store.elementCount }

  /// Writes a file that dcpt-train takes without a recipe.
  public func writeSafetensors(to path: String) throws(Problem) {
    try Weights.write(network, trainSize: trainSize, to: path)
  }

  /// Writes a dictionary as BasicSR has it: `params`, and for a run `params_ema` beside it.
  public func writeTorch(to path: String) throws(Problem) {
    let values = Safetensors(network.store.export())
    guard let trained else { return try TorchFile.write([("params", values)], to: path) }
    try TorchFile.write([("params", trained), ("params_ema", values)], to: path)
  }

  /// Writes the network for onnxruntime and its like.
  public func writeONNX(to path: String) throws(Problem) {
    let notes = [(key: Weights.networkKey, value: network.sizes.json.compact)]
    try AtomicFile.write(network.onnx(network.store.export(), notes: notes), to: path)
  }
}
