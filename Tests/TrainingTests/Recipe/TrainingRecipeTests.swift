import Basics
import TestSupport
import Testing

@testable import Training

/// What recipes may say, and what is said about those that may not.
@Suite struct TrainingRecipeTests {
  static let smallest = """
    name: smallest
    stage: finetune
    network_g:
      width: 4
      enc_blk_nums: [1, 1]
      middle_blk_num: 1
      dec_blk_nums: [1, 1]
    datasets:
      train:
        gt_size: 16
        batch_size: 2
    train:
      total_iter: 10
    """

  private func read(_ text: String, _ overrides: [String: JSON] = [:]) throws(Problem)
    -> TrainingRecipe
  {
    try TrainingRecipe(parsing: text, file: "r.yaml", overrides: overrides)
  }

  private func problem(_ text: String, _ overrides: [String: JSON] = [:]) throws -> Problem {
    try #require(throws: Problem.self) { try read(text, overrides) }
  }

  @Test("what a recipe leaves out has our defaults") func defaultsHold() throws {
    let recipe = try read(Self.smallest)
    #expect(recipe.optimizer == .init(rate: 3e-4, betas: (0.9, 0.999), weightDecay: 1e-4))
    #expect(recipe.schedule == .trueCosine(period: 10, minimum: 1e-6))
    #expect(recipe.averageDecay == 0.999)
    #expect(recipe.pixelLoss == .l1)
    #expect(recipe.focalGamma == 2)
    #expect(recipe.pixelWeight == 1)
    #expect(recipe.focalWeight == 1)
    #expect(recipe.patches.flips && recipe.patches.turns)
    #expect(recipe.largestNorm == nil)
  }

  @Test("pre-training keeps no running average") func pretrainingHasNoAverage() throws {
    let text = Self.smallest.replacing("stage: finetune", with: "stage: pretrain")
    #expect(try read(text).averageDecay == 0)
  }

  @Test("a flag goes over the recipe") func flagsGoOver() throws {
    let recipe = try read(
      Self.smallest, ["train.total_iter": 77, "datasets.train.batch_size": 5])
    #expect(recipe.iterations == 77)
    #expect(recipe.patches.batch == 5)
    #expect(recipe.schedule == .trueCosine(period: 77, minimum: 1e-6))
  }

  @Test("the resolved recipe reads back to the same run") func resolvedRecipeReadsBack() throws {
    let recipe = try read(Self.smallest, ["train.optim_g.lr": 0.00025, "manual_seed": 9])
    let again = try read(recipe.yaml)
    #expect(again.digest == recipe.digest)
    #expect(again.optimizer.rate == 0.00025)
    #expect(try read(Self.smallest).digest != recipe.digest)
    let moved: [String: JSON] = ["datasets.train.manifest": "elsewhere/manifest.json"]
    #expect(try read(Self.smallest, moved).digest == read(Self.smallest).digest)
  }

  @Test("an unknown key is named with its line and the nearest valid one")
  func unknownKeyIsNamed() throws {
    let text = Self.smallest.replacing("batch_size", with: "batchsize")
    let missing = try problem(text)
    #expect(missing.what == "'datasets.train.batch_size' is missing")
    let extra = try problem(Self.smallest + "\n  warmup_iters: 3")
    #expect(extra.place == "r.yaml:14")
    #expect(extra.what == "unknown key 'train.warmup_iters'")
    #expect(extra.fix == "did you mean 'warmup_iter'?")
  }

  @Test("an unknown section is named") func unknownSectionIsNamed() throws {
    let extra = try problem("nmae: x\n" + Self.smallest)
    #expect(extra.description == "r.yaml:1: unknown key 'nmae'\n  did you mean 'name'?")
  }

  @Test(
    "a value of the wrong kind is named with its key",
    arguments: [
      ("total_iter: 10", "total_iter: ten", "'train.total_iter' is \"ten\", not a whole number"),
      ("total_iter: 10", "total_iter: 0", "'train.total_iter' is 0, not a whole number from 1"),
      ("total_iter: 10", "total_iter: '10'", "'train.total_iter' is \"10\", not a whole number"),
      ("width: 4", "width: 4.5", "'network_g.width' is 4.5, not a whole number"),
      ("[1, 1]", "[1, x]", "'network_g.enc_blk_nums' is [1,\"x\"], not a list of whole numbers"),
      ("finetune", "finetuning", "'stage' is \"finetuning\", not one of pretrain, finetune"),
      ("name: smallest", "name: [a]", "'name' is [\"a\"], not a text"),
    ])
  func wrongKindIsNamed(old: String, new: String, what: String) throws {
    let text = Self.smallest.replacing(old, with: new, maxReplacements: 1)
    #expect(try problem(text).what.hasPrefix(what))
  }

  @Test("a wrong flag is said to come from the command line") func wrongFlagIsNamed() throws {
    let problem = try problem(Self.smallest, ["train.total_iter": -1])
    #expect(problem.place == "command line")
    #expect(problem.what.hasPrefix("'train.total_iter' is -1"))
  }

  @Test("settings that contradict each other are refused") func contradictionsAreRefused() throws {
    let levels = Self.smallest.replacing("dec_blk_nums: [1, 1]", with: "dec_blk_nums: [1]")
    #expect(try problem(levels).what.contains("1 levels, 'enc_blk_nums' 2"))
    let size = Self.smallest.replacing("gt_size: 16", with: "gt_size: 18")
    #expect(
      try problem(size).what == "'datasets.train.gt_size' is 18, not a multiple of the network's 4")
  }

  @Test("text that is not YAML is refused at its line") func brokenYAMLIsRefused() throws {
    let problem = try problem("name: x\nstage: [a\nfoo: 3")
    #expect(problem.place.hasPrefix("r.yaml:"))
    #expect(problem.what.hasPrefix("is not valid YAML"))
    #expect(try self.problem("just words").what == "is no list of 'key: value' lines")
    #expect(try self.problem("name: a\nname: b").what == "key 'name' stands twice in one place")
  }

  @Test("every recipe in manifests is valid", arguments: RecipeFiles.all)
  func shippedRecipesAreValid(path: String) throws {
    let recipe = try TrainingRecipe(reading: path)
    #expect(path.hasSuffix(recipe.name + ".yaml"))
  }
}
