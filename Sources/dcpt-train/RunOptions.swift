import ArgumentParser
import Basics
import Records
import Training

/// What pretrain and finetune share: the recipe, the flags over it, and the run folder.
struct RunOptions: ParsableArguments {
  @Argument(help: "The training recipe (YAML), such as manifests/demo-pretrain.yaml.")
  var recipe: String

  @Option(help: "The training set's manifest.json (datasets.train.manifest).")
  var data: String?

  @Option(help: "A held-out set's manifest.json, looked at every val_freq iterations.")
  var validation: String?

  @Option(help: "The run folder; by default runs/NAME.")
  var out: String?

  @Flag(help: "Go on from the newest checkpoint of the run folder; start anew if there is none.")
  var resume = false

  @Flag(
    help: "With --resume: go on even if the recipe or the data set is another; the log says so.")
  var force = false

  @Option(
    help: ArgumentHelp(
      "What becomes of damaged records: stop, skip or repair (datasets.train.bad_records).",
      valueName: "what"))
  var badRecords: String?

  @Option(
    help: """
      A folder of the clean pictures that --bad-records repair makes records from, where it is not the one in the \
      set's manifest; several in the order that synth was given (datasets.train.clean).
      """)
  var clean: [String] = []

  @Option(
    help:
      "A folder of the depth maps, one for each --clean in the same order (datasets.train.depth).")
  var depth: [String] = []

  @Option(help: "Iterations in all (train.total_iter).")
  var totalIter: Int?

  @Option(
    help: "Pictures in a batch, or 'auto' for the largest that fits (datasets.train.batch_size).")
  var batchSize: BatchSize?

  @Option(
    help:
      "With batch_size auto: what the run may take, such as 8GiB; by default 0.9 of what is free."
  )
  var memory: ByteCount?

  @Option(help: "Side of the training patches (datasets.train.gt_size).")
  var gtSize: Int?

  @Option(help: "Learning rate (train.optim_g.lr).")
  var lr: Double?

  @Option(help: "Seed of start values, order and augmentation (manual_seed).")
  var seed: Int?

  @Option(help: "Iterations between checkpoints (logger.save_checkpoint_freq).")
  var saveFreq: Int?

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    guard resume || !force else { throw ValidationError("--force goes with --resume only") }
  }

  /// Reads the recipe with the flags over it; `more` holds flags of one command alone.
  func resolvedRecipe(_ stage: TrainingRecipe.Stage, more: [String: JSON] = [:]) throws(Problem)
    -> TrainingRecipe
  {
    var flags = more
    flags["datasets.train.manifest"] = data.map { .string($0) }
    flags["datasets.train.bad_records"] = badRecords.map { .string($0) }
    for (key, folders) in [("clean", clean), ("depth", depth)] where !folders.isEmpty {
      flags["datasets.train." + key] = .array(folders.map { .string($0) })
    }
    flags["datasets.val.manifest"] = validation.map { .string($0) }
    flags["train.total_iter"] = totalIter.map { .integer($0) }
    flags["datasets.train.batch_size"] = batchSize?.json
    flags["datasets.train.gt_size"] = gtSize.map { .integer($0) }
    flags["train.optim_g.lr"] = lr.map { .number($0) }
    flags["manual_seed"] = seed.map { .integer($0) }
    flags["logger.save_checkpoint_freq"] = saveFreq.map { .integer($0) }
    let read = try TrainingRecipe(reading: recipe, overrides: flags)
    guard read.stage == stage else {
      throw Problem(
        recipe, "is a recipe for \(read.stage.rawValue)",
        fix:
          "run 'dcpt-train \(read.stage.rawValue)', or give a recipe with 'stage: \(stage.rawValue)'"
      )
    }
    return read
  }

  /// Opens data and run folder.
  func open(_ recipe: TrainingRecipe) throws(Problem) -> TrainingRun {
    let training = try recipe.openTrainingData(namedIn: self.recipe)
    var held: RecordReader?
    if let path = recipe.validationManifest { held = try RecordReader(manifest: path) }
    StopSignal.watch()
    return try TrainingRun(
      recipe, data: training, validation: held, folder: out ?? "runs/" + recipe.name,
      resuming: resume, isForced: force, threads: threads.count, memory: memory?.bytes)
  }
}
