import Basics
import Networks
import Recipes

/// Everything that decides a training run, besides data and threads.
///
/// Keys carry the names that BasicSR's option files use. The authors of DCPT did not publish their
/// optimiser settings: the defaults of `train` are ours, and each says so in `manifests/`.
public struct TrainingRecipe: Sendable {
  /// Which of the two loops the recipe is for.
  public enum Stage: String, Sendable, CaseIterable {
    /// DCPT: clean pictures to themselves, degraded pictures to their class.
    case pretrain
    /// All-in-one restoration from pre-trained weights or from scratch.
    case finetune
  }

  /// The degradation classifier's sizes; the features and classes come from network and data.
  public struct Classifier: Sendable, Equatable {
    /// Bottlenecks of each stage; the reference has 2.
    public let blocks: Int
    /// Inner over outer width of a bottleneck; the reference has 2.
    public let expansion: Int
  }

  /// What the loader cuts.
  public struct Patches: Sendable, Equatable {
    /// The training set; nil when a flag has to name it.
    public let manifest: String?
    /// The side of a patch, pixels.
    public let size: Int
    /// Patches in a batch; 1 where memory decides and has not yet been looked at.
    public let batch: Int
    /// Whether a run takes as large a batch as its memory lets it (`batch_size: auto`).
    public let fitsBatchToMemory: Bool
    /// Whether patches are mirrored at random.
    public let flips: Bool
    /// Whether patches are turned by quarters at random.
    public let turns: Bool

    /// Creates the settings.
    public init(manifest: String?, size: Int, batch: Int, flips: Bool, turns: Bool) {
      (self.manifest, self.size, self.batch) = (manifest, size, batch)
      (self.flips, self.turns, fitsBatchToMemory) = (flips, turns, false)
    }
  }

  /// AdamW's settings.
  public struct Optimizer: Sendable, Equatable {
    /// The base learning rate, for network and classifier.
    public let rate: Double
    /// Decay of the two moments.
    public let betas: (Double, Double)
    /// Decoupled weight decay.
    public let weightDecay: Double

    /// Whether two are the same settings.
    public static func == (a: Optimizer, b: Optimizer) -> Bool {
      (a.rate, a.betas.0, a.betas.1, a.weightDecay) == (b.rate, b.betas.0, b.betas.1, b.weightDecay)
    }
  }

  /// The name of the run, by default also of its folder.
  public let name: String
  /// Which loop it is for.
  public let stage: Stage
  /// Decides start values, order and augmentation.
  public let seed: UInt64
  /// The network and its sizes.
  public let network: NetworkConfiguration
  /// The sizes of the classifier.
  public let classifier: Classifier
  /// The training set and what is cut from it.
  public let patches: Patches
  /// Which records are seen, in which order.
  public let sampling: Sampling
  /// A held-out set to look at during the run.
  public let validationManifest: String?
  /// The weights file that the run starts from; nil from start values.
  public let startingWeights: String?
  /// The classifier file that the run starts from.
  public let startingClassifier: String?
  /// Iterations in all.
  public let iterations: Int
  /// Iterations of warm-up.
  public let warmup: Int
  /// AdamW, for network and classifier alike.
  public let optimizer: Optimizer
  /// How the learning rate goes.
  public let schedule: Schedule
  /// 0 without a running average.
  public let averageDecay: Double
  /// The loss between pictures.
  public let pixelLoss: PixelLoss
  /// Its weight.
  public let pixelWeight: Double
  /// The focal loss's exponent.
  public let focalGamma: Double
  /// The weight of the classification loss.
  public let focalWeight: Double
  /// In fine-tuning the classifier learns in the first of every so many iterations.
  public let classifierEvery: Int
  /// The largest norm of the gradient; nil without clipping.
  public let largestNorm: Double?
  /// Parts that a batch goes through in, whose gradients add up.
  public let accumulationSteps: Int
  /// Whether the insides of the network's blocks are computed again instead of kept.
  public let recomputes: Bool
  /// How often to look at the held-out set, and at how many of its records.
  public let validation: (every: Int, records: Int)
  /// Iterations between lines of the log.
  public let printEvery: Int
  /// Iterations between checkpoints.
  public let saveEvery: Int
  /// How many checkpoints stay on the disk.
  public let checkpointsKept: Int
  /// Every key with the value that holds.
  public let resolved: JSON

  /// The digest that a checkpoint keeps, so that a run is not resumed with another recipe.
  ///
  /// Where data and clean pictures lie is no part of it: the data set's own digest stands beside it. Nor is whether
  /// a damaged record ends the run or is made again, since the batches are the same.
  public var digest: String {
    var decisive = resolved
    if var train = decisive["datasets"]?["train"] {
      for key in ["manifest", "clean", "depth"] { train[key] = nil }
      if let parts = train["mix"]?.array {
        train["mix"] = .array(parts.map { .number($0["weight"]?.double ?? 1) })
      }
      if train["bad_records"] != "skip" { train["bad_records"] = nil }
      decisive["datasets"]?["train"] = train
    }
    decisive["datasets"]?["val"]?["manifest"] = nil
    return Digest.sha256(Array(decisive.canonical.utf8))
  }

  /// Reads a recipe file.
  ///
  /// - Parameter overrides: Values of flags by dotted path, such as `train.total_iter`.
  /// - Throws: `Problem` with the line of an unknown key (and the nearest valid one), of a value of
  ///   the wrong kind, or of settings that contradict each other.
  public init(reading path: String, overrides: [String: JSON] = [:]) throws(Problem) {
    try self.init(try RecipeSection(reading: path, overrides: overrides))
  }

  /// Reads the text of a recipe.
  public init(parsing text: String, file: String, overrides: [String: JSON] = [:]) throws(Problem) {
    try self.init(try RecipeSection(parsing: text, file: file, overrides: overrides))
  }

  private init(_ root: RecipeSection) throws(Problem) {
    name = try root.text("name")
    let word = try root.word("stage", among: Stage.allCases.map(\.rawValue))
    let stage = Stage(rawValue: word) ?? .pretrain
    self.stage = stage
    seed = UInt64(try root.integer("manual_seed", default: 0, in: 0...Int.max))
    network = try NetworkConfiguration(try root.section("network_g"))
    classifier = try Classifier(try root.section("network_dc"))

    let data = try root.section("datasets")
    let trainData = try data.section("train")
    patches = try Patches(trainData, for: network.network())
    sampling = try Sampling(trainData, manifest: patches.manifest)
    let validationData = try data.section("val")
    validationManifest = try validationData.optionalText("manifest")

    let weights = try root.section("path")
    startingWeights = try weights.optionalText("pretrain_network_g")
    startingClassifier = try weights.optionalText("pretrain_network_dc")

    let train = try root.section("train")
    iterations = try train.integer("total_iter", in: 1...10_000_000)
    warmup = try train.integer("warmup_iter", default: 0, in: -1...iterations)
    optimizer = try Optimizer(try train.section("optim_g"))
    schedule = try Schedule(try train.section("scheduler"), totalIterations: iterations)
    averageDecay =
      stage == .pretrain ? 0 : try train.number("ema_decay", default: 0.999, in: 0...0.999_999)
    (pixelLoss, pixelWeight) = try PixelLoss.read(try train.section("pixel_opt"))
    let focal = try train.section("classify_opt")
    _ = try focal.word("type", default: "FocalLoss", among: ["FocalLoss"])
    focalGamma = try focal.number("gamma", default: 2, in: 0...10)
    focalWeight = try focal.number("loss_weight", default: 1, in: 0...1e6)
    classifierEvery =
      stage == .pretrain ? 1 : try train.integer("classify_freq", default: 1, in: 1...1_000_000)
    let norm = try train.number("grad_clip_norm", default: 0, in: 0...1e9)
    largestNorm = norm > 0 ? norm : nil
    accumulationSteps = try TrainingRecipe.accumulationSteps(
      train, batch: patches.fitsBatchToMemory ? nil : patches.batch)
    let key = "gradient_checkpointing"
    recomputes = train.mayHave(key) ? try train.flag(key, default: false) : false

    let val = try root.section("val")
    validation = (
      every: try val.integer("val_freq", default: 0, in: 0...Int.max),
      records: try val.integer("num_val", default: 50, in: 1...Int.max)
    )
    let logger = try root.section("logger")
    printEvery = try logger.integer("print_freq", default: 50, in: 1...Int.max)
    saveEvery = try logger.integer("save_checkpoint_freq", default: 1000, in: 1...Int.max)
    checkpointsKept = try logger.integer("keep_checkpoints", default: 2, in: 1...1000)
    try root.finish()
    resolved = root.resolved
  }

  /// A recipe without the key keeps its digest.
  private static func accumulationSteps(_ section: RecipeSection, batch: Int?) throws(Problem)
    -> Int
  {
    let key = "gradient_accumulation_steps"
    guard section.mayHave(key) else { return 1 }
    let steps = try section.integer(key, in: 1...4096)
    if let batch, !batch.isMultiple(of: steps) {
      throw section.problem(
        key, "is \(steps), into which a batch_size of \(batch) does not divide",
        fix:
          "make batch_size a multiple of it: it is the whole batch, which goes through in that many parts"
      )
    }
    return steps
  }

  /// Whether the classifier learns in the iteration that follows `iteration` others.
  func classifierLearns(_ iteration: Int) -> Bool { iteration.isMultiple(of: classifierEvery) }

  /// The same recipe with another batch.
  func with(batch: Int) throws(Problem) -> TrainingRecipe {
    try TrainingRecipe(
      parsing: yaml, file: name,
      overrides: ["datasets.train.batch_size": .integer(batch)])
  }

  /// The recipe with every default written out, as YAML.
  public var yaml: String {
    "# Every setting of this run; the recipe given, with flags and defaults filled in.\n"
      + resolved.yaml
  }
}

extension TrainingRecipe.Classifier {
  init(_ section: RecipeSection) throws(Problem) {
    blocks = try section.integer("num_res_blocks", default: 2, in: 0...100)
    expansion = try section.integer("expansion", default: 2, in: 1...8)
  }
}

extension TrainingRecipe.Patches {
  /// The sizes that batches may have.
  public static let batches = 1...4096
  /// The word for a batch that memory decides.
  public static let automatic = "auto"

  init(_ section: RecipeSection, for network: any RestorationNetwork) throws(Problem) {
    manifest = try section.optionalText("manifest")
    size = try section.integer("gt_size", default: 128, in: 8...4096)
    let given = try section.integer("batch_size", in: Self.batches, orWord: Self.automatic)
    (batch, fitsBatchToMemory) = (given ?? 1, given == nil)
    flips = try section.flag("use_hflip", default: true)
    turns = try section.flag("use_rot", default: true)
    let multiple = network.sizeMultiple
    guard size % multiple == 0 else {
      throw section.problem(
        "gt_size", "is \(size), not a multiple of the network's \(multiple)",
        fix: "give \(size / multiple * multiple + multiple)")
    }
    let least = network.smallestClassifiedSide
    guard size >= least else {
      throw section.problem(
        "gt_size", "is \(size), which the classifier halves away",
        fix: "give \((least + multiple - 1) / multiple * multiple) or more")
    }
  }
}

extension TrainingRecipe.Optimizer {
  init(_ section: RecipeSection) throws(Problem) {
    _ = try section.word("type", default: "AdamW", among: ["AdamW"])
    rate = try section.number("lr", default: 3e-4, in: 0...10)
    weightDecay = try section.number("weight_decay", default: 1e-4, in: 0...10)
    let betas = try section.numbers("betas", default: [0.9, 0.999])
    guard betas.count == 2, betas.allSatisfy({ (0..<1).contains($0) }) else {
      throw section.problem("betas", "must be two numbers from 0 to below 1", fix: "[0.9, 0.999]")
    }
    self.betas = (betas[0], betas[1])
  }
}

/// The losses between a restored picture and its ground truth.
public enum PixelLoss: String, Sendable, CaseIterable {
  case l1 = "L1Loss"
  case charbonnier = "CharbonnierLoss"
  case psnr = "PSNRLoss"

  static func read(_ section: RecipeSection) throws(Problem) -> (PixelLoss, Double) {
    let word = try section.word("type", default: "L1Loss", among: allCases.map(\.rawValue))
    return (
      PixelLoss(rawValue: word) ?? .l1, try section.number("loss_weight", default: 1, in: 0...1e6)
    )
  }
}
