import ArgumentParser
import Training

/// `dcpt-train export`: weights for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes weights for other programs: ONNX, PyTorch; and takes those of PyTorch.",
    discussion: """
      --onnx writes the restoration network with operators of version 17: input 'lq', output 'restored',
      [batch, 3, height, width] in 0...1, any height and width; pooling is global. --pth writes a dictionary
      as BasicSR has it: 'params', and 'params_ema' for the folder of a run. --safetensors writes a file that
      says which network it is of, as restore, evaluate and 'finetune --from' take it.

      Weights of others come as .safetensors or .pth; nothing in a .pth is executed. Give the recipe of
      their network with --recipe: names and shapes of all tensors must fit it.

      Examples:
        dcpt-train export runs/dcpt --onnx dcpt.onnx --pth dcpt.pth
        dcpt-train export theirs.pth --recipe manifests/official-finetune.yaml \\
          --safetensors theirs.safetensors
      """)

  @Argument(help: "Weights: a .safetensors or .pth file, or the folder of a run.")
  var weights: String

  @Option(help: "The recipe of the network, for weights that do not say which they are of.")
  var recipe: String?

  @Option(
    help: "Where a .pth keeps the tensors; by default params_ema, params, state_dict or model.")
  var key: String?

  @Option(help: "The ONNX file to write.") var onnx: String?
  @Option(help: "The PyTorch file to write.") var pth: String?
  @Option(help: "The safetensors file to write.") var safetensors: String?

  func validate() throws {
    guard onnx != nil || pth != nil || safetensors != nil else {
      throw ValidationError("give --onnx, --pth or --safetensors, and a file to write")
    }
  }

  func run() throws {
    let export = try WeightsExport(reading: weights, recipe: recipe, key: key)
    if let onnx { try export.writeONNX(to: onnx) }
    if let pth { try export.writeTorch(to: pth) }
    if let safetensors { try export.writeSafetensors(to: safetensors) }
    for path in [onnx, pth, safetensors].compactMap({ $0 }) {
      print("\(path): \(export.parameterCount) parameters")
    }
  }
}
