import ArgumentParser
import Basics
import Training

/// `dcpt-train info`: what a network costs.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Says what a network costs before anything is allocated: parameters, work, memory.",
    discussion: """
      Counts an iteration without computing it, in a tenth of a second and a few MiB: parameters of network and
      classifier, multiply-adds of a picture and of an iteration, and the memory of restoring and training by kind.
      Multiply-adds are those of convolutions, linear layers and the products of attention, as publications count
      them.

      --network takes the official sizes of nafnet, swinir, restormer or promptir, batches of 16 patches of 128x128;
      --recipe takes those of a recipe. '--batch-size auto' answers with the largest batch that fits --memory;
      pretrain and finetune take the word too.

      Examples:
        dcpt-train info --network restormer --form published --batch-size 4 --patch 192
        dcpt-train info --recipe manifests/photos-pretrain.yaml --batch-size auto --memory 8GiB
        dcpt-train info --network nafnet --width 1920 --height 1080 --json
      """)

  @Option(help: "The network, at its official sizes: nafnet, swinir, restormer, promptir.")
  var network: String?

  @Option(help: "With --network: its form, as 'form' in recipes: dcpt, published, dcpt_origin.")
  var form: String?

  @Option(help: "A training recipe, whose network, stage, batch and patch are taken.")
  var recipe: String?

  @Option(help: "The stage of training: pretrain or finetune.")
  var stage: String?

  @Option(help: "Pictures in a batch, or 'auto' for the largest that fits (batch_size).")
  var batchSize: BatchSize?

  @Option(help: "Side of the training patches (gt_size).")
  var patch: Int?

  @Option(
    help: "With --batch-size auto: what may be taken, such as 8GiB; by default 0.9 of what is free."
  )
  var memory: ByteCount?

  @Option(help: "Width of the picture that is restored; by default the patch's side.")
  var width: Int?

  @Option(help: "Height of the picture that is restored; by default the patch's side.")
  var height: Int?

  @Option(help: "Classes that the classifier tells apart.")
  var classes = 5

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print JSON, multiply-adds and bytes as whole numbers.")
  var json = false

  func validate() throws {
    guard (network == nil) != (recipe == nil) else {
      throw ValidationError("give --network NAME or --recipe FILE")
    }
    guard form == nil || network != nil else {
      throw ValidationError("--form goes with --network; a recipe has its own")
    }
    guard (2...10_000).contains(classes) else {
      throw ValidationError("--classes must be from 2 to 10000")
    }
    for side in [width, height].compactMap({ $0 }) where !(1...65_536).contains(side) {
      throw ValidationError("--width and --height must be from 1 to 65536")
    }
  }

  func run() throws {
    let recipe = try read()
    let side = recipe.patches.size
    let facts = try NetworkFacts(
      recipe, classes: classes, picture: (width ?? side, height ?? side), memory: memory?.bytes,
      threads: threads.count)
    print(json ? facts.json.compact : facts.text)
  }

  private func read() throws(Problem) -> TrainingRecipe {
    var flags: [String: JSON] = [:]
    flags["stage"] = stage.map { .string($0) }
    flags["datasets.train.batch_size"] = batchSize?.json
    flags["datasets.train.gt_size"] = patch.map { .integer($0) }
    if let recipe { return try TrainingRecipe(reading: recipe, overrides: flags) }
    return try TrainingRecipe(official: network ?? "", form: form, overrides: flags)
  }
}
