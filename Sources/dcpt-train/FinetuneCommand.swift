import ArgumentParser
import Basics
import Training

/// `dcpt-train finetune`: all-in-one restoration.
struct FinetuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract:
      "Trains a network to restore all degradations, from pre-trained weights or from scratch.",
    discussion: """
      Writes the running averages (EMA) as weights.safetensors, and the classifier, which goes on
      learning without any effect on the network, as classifier.safetensors.

      Examples:
        dcpt-train finetune manifests/demo-finetune.yaml --data data/train/manifest.json \\
          --from runs/demo-pretrain --out runs/dcpt
        dcpt-train finetune manifests/demo-finetune.yaml --data data/train/manifest.json \\
          --from-scratch --out runs/scratch
      """)

  @OptionGroup var options: RunOptions

  @Option(help: "Pre-trained weights: a .safetensors file or the folder of a run.")
  var from: String?

  @Flag(help: "Start from random values, with the same budget.")
  var fromScratch = false

  func validate() throws {
    guard from == nil || !fromScratch else {
      throw ValidationError("give --from or --from-scratch, not both")
    }
  }

  func run() throws {
    let recipe = try options.resolvedRecipe(.finetune, more: try startingWeights())
    guard recipe.startingWeights != nil || fromScratch else {
      throw Problem(
        "finetune", "does not know where to start",
        fix: "give --from WEIGHTS (a run of 'dcpt-train pretrain') or --from-scratch")
    }
    try finetune(try options.open(recipe))
  }

  private func startingWeights() throws(Problem) -> [String: JSON] {
    if fromScratch {
      return ["path.pretrain_network_g": .null, "path.pretrain_network_dc": .null]
    }
    guard let from else { return [:] }
    let classifier = classifierFile(besideWeightsOf: from)
    return [
      "path.pretrain_network_g": .string(weightsFile(from)),
      "path.pretrain_network_dc": classifier.map { .string($0) } ?? .null,
    ]
  }
}
