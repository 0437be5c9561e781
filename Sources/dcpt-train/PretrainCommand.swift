import ArgumentParser
import Training

/// `dcpt-train pretrain`: DCPT's first stage.
struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Pre-trains a network by restoring clean pictures and classifying degradations.",
    discussion: """
      Writes weights.safetensors and classifier.safetensors into the run folder, with the resolved
      recipe, log.jsonl, TensorBoard events and checkpoints. Ctrl-C writes a checkpoint and stops.

      Examples:
        dcpt-train pretrain manifests/demo-pretrain.yaml --data data/train/manifest.json
        dcpt-train pretrain manifests/demo-pretrain.yaml --data data/train/manifest.json \\
          --total-iter 20000 --batch-size 16 --out runs/longer --resume
      """)

  @OptionGroup var options: RunOptions

  func run() throws {
    let recipe = try options.resolvedRecipe(.pretrain)
    try pretrain(try options.open(recipe))
  }
}
