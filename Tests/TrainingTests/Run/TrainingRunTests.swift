import Basics
import Foundation
import Glibc
import Networks
import Tensors
import TestSupport
import Testing

@testable import Training

/// Whole runs: losses of a fixed one, resuming, stopping, and what is refused.
@Suite(.serialized) struct TrainingRunTests {
  @Test(
    "resuming gives the weights of a run that never stopped",
    arguments: [("pretrain", ""), ("finetune", ""), ("finetune", "classify_freq: 2")])
  func resumingEqualsStraightThrough(stage: String, extra: String) throws {
    let (straight, halved) = (TemporaryFolder(), TemporaryFolder())
    let tiny = TinyRun(stage: stage, iterations: 8, saveEvery: 3, kept: 9, extra: extra)
    let lines = try tiny.run(straight.path)
    // What a kill after iteration 5 leaves: the checkpoint of iteration 3, and a longer log.
    _ = try tiny.run(halved.path)
    try killAfter(5, halved)
    let resumed = try tiny.run(halved.path, resuming: true)
    for name in ["weights.safetensors", "classifier.safetensors"] {
      #expect(try readFile(straight.file(name)) == readFile(halved.file(name)))
    }
    #expect(lines == resumed)
  }

  /// Puts a finished run's folder into the state that a SIGKILL after `iteration` leaves.
  private func killAfter(_ iteration: Int, _ folder: TemporaryFolder) throws {
    let files = FileManager.default
    for name in ["weights.safetensors", "classifier.safetensors"] {
      try files.removeItem(atPath: folder.file(name))
    }
    let checkpoints = folder.file("checkpoints")
    for newer in Checkpoint.iterations(in: checkpoints).filter({ $0 > iteration }) {
      try files.removeItem(atPath: "\(checkpoints)/0000000\(newer).safetensors")
    }
    let lines = try LogFile.read(folder.file("log.jsonl")).prefix(iteration)
    try AtomicFile.write(
      lines.map { $0.compact + "\n" }.joined() + "{\"iter", to: folder.file("log.jsonl"))
  }

  @Test("a signal writes a checkpoint and ends the run", arguments: [SIGINT, SIGTERM])
  func signalWritesCheckpoint(signal: Int32) throws {
    let (straight, stopped) = (TemporaryFolder(), TemporaryFolder())
    let tiny = TinyRun(iterations: 6)
    _ = try tiny.run(straight.path)
    let end = try #require(throws: Stopped.self) {
      try finetune(try tiny.open(stopped.path, signal: signal))
    }
    #expect(end == Stopped(signal: signal, iteration: 1))
    #expect(end.exitStatus == 128 + signal)
    _ = try tiny.run(stopped.path, resuming: true)
    #expect(
      try readFile(straight.file("weights.safetensors"))
        == readFile(stopped.file("weights.safetensors")))
  }

  @Test(
    "a batch in parts, and blocks that are computed again, make the same steps",
    arguments: ["pretrain", "finetune"])
  func savingMemory(stage: String) throws {
    let folder = TemporaryFolder()
    let whole = try TinyRun(stage: stage).run(folder.file("whole"))
    for key in [
      "gradient_accumulation_steps: 2", "gradient_accumulation_steps: 4",
      "gradient_checkpointing: true",
    ] {
      let parts = try TinyRun(stage: stage, extra: key).run(folder.file(key))
      #expect(parts.count == whole.count)
      for scalar in ["l_pix", "l_cls", "accuracy"] {
        let pairs = zip(
          whole.compactMap { $0[scalar]?.double }, parts.compactMap { $0[scalar]?.double })
        // Sums in another order differ in the last bits, and ten steps let that grow.
        #expect(pairs.allSatisfy { abs($0 - $1) < 1e-4 }, "\(key): \(scalar)")
      }
    }
    #expect(throws: Problem.self) {
      try TinyRun(stage: stage, extra: "gradient_accumulation_steps: 3").recipe
    }
  }

  @Test("ten iterations have the losses they always had", arguments: ["pretrain", "finetune"])
  func tenLossesAreKept(stage: String) throws {
    let folder = TemporaryFolder()
    let lines = try TinyRun(stage: stage).run(folder.path)
    for (key, expected) in TrainingRunTests.tenLosses[stage] ?? [:] {
      let found = lines.compactMap { $0[key]?.double }
      // Instruction sets round differently, and ten steps let that grow.
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-3 * $1 }, "\(key): \(found)")
      #expect(found.count == 10)
    }
    withExtendedLifetime(folder) {}
  }

  private static let tenLosses: [String: [String: [Double]]] = [
    "pretrain": [
      "l_pix": [
        0.22249, 0.21852, 0.19176, 0.18088, 0.18321,
        0.17197, 0.17640, 0.15757, 0.16255, 0.17287,
      ],
      "l_cls": [
        0.50900, 0.46054, 0.50336, 0.49306, 0.47594,
        0.50014, 0.48185, 0.49805, 0.48065, 0.47838,
      ],
    ],
    "finetune": [
      "l_pix": [
        0.35403, 0.29363, 0.32520, 0.35887, 0.29153,
        0.28617, 0.27925, 0.30156, 0.30669, 0.27514,
      ],
      "l_cls": [
        0.50900, 0.46206, 0.50187, 0.49170, 0.47805,
        0.50273, 0.47411, 0.49688, 0.47955, 0.47614,
      ],
    ],
  ]

  @Test("the same recipe gives the same log, another seed another one") func runsRepeat() throws {
    let folders = (0..<3).map { _ in TemporaryFolder() }
    let first = try TinyRun(iterations: 3).run(folders[0].path)
    #expect(try TinyRun(iterations: 3).run(folders[1].path) == first)
    #expect(try TinyRun(iterations: 3, seed: 4).run(folders[2].path) != first)
    withExtendedLifetime(folders) {}
  }

  @Test("only the newest checkpoints are kept") func oldCheckpointsGo() throws {
    let folder = TemporaryFolder()
    _ = try TinyRun(iterations: 7, saveEvery: 2).run(folder.path)
    #expect(Checkpoint.iterations(in: folder.file("checkpoints")) == [6, 7])
  }

  @Test("a folder that holds a run is not written over") func runsAreNotWrittenOver() throws {
    let folder = TemporaryFolder()
    _ = try TinyRun(iterations: 2).run(folder.path)
    let problem = try #require(throws: Problem.self) {
      try TinyRun(iterations: 2).open(folder.path)
    }
    #expect(problem.what == "already holds a run that has come to iteration 2")
    #expect(problem.fix.contains("--resume"))
  }

  @Test("another recipe or data set is refused on resuming") func otherRunsAreRefused() throws {
    let folder = TemporaryFolder()
    _ = try TinyRun(iterations: 2).run(folder.path)
    let recipe = try #require(throws: Problem.self) {
      try TinyRun(iterations: 3).open(folder.path, resuming: true)
    }
    #expect(recipe.what.hasPrefix("was written with another recipe"))
    #expect(recipe.fix.hasSuffix("; --force goes on all the same"))
    var other = TinyRun(iterations: 2)
    other.data.datasetID = "another"
    let data = try #require(throws: Problem.self) { try other.open(folder.path, resuming: true) }
    #expect(data.what == "was trained on data set painted, the one given is another")
  }

  @Test("forced, a run goes on with another recipe and other data, and says so")
  func forced() throws {
    let folder = TemporaryFolder()
    _ = try TinyRun(iterations: 2).run(folder.path)
    var other = TinyRun(iterations: 4)
    other.data.datasetID = "another"
    let before = try readFile(folder.file("log.jsonl"))
    #expect(throws: Problem.self) { try other.open(folder.path, resuming: true) }
    #expect(try readFile(folder.file("log.jsonl")) == before)
    let run = try other.open(folder.path, resuming: true, isForced: true)
    #expect(run.iteration == 2)
    try finetune(run)
    let lines = try LogFile.read(folder.file("log.jsonl"))
    #expect(lines.compactMap { $0["iteration"]?.integer } == [1, 2, 2, 3, 4])
    #expect(lines[2]["group"] == "forced")
    let text = try #require(lines[2]["text"]?.string)
    #expect(text.hasPrefix("WARNING: --force goes on after iteration 2 although "))
    #expect(text.contains("was written with another recipe or other flags than now; "))
    #expect(text.contains("was trained on data set painted, the one given is another; "))
    #expect(text.contains("loader state has dataset_id painted, the run has another"))
    // From here on it is a run of the new recipe and data.
    #expect(try other.open(folder.path, resuming: true).iteration == 4)
    let short = try #require(throws: Problem.self) {
      try TinyRun(iterations: 3).open(folder.path, resuming: true, isForced: true)
    }
    #expect(short.what == "has come to iteration 4, the recipe ends at 3")
  }

  @Test("a loss that is not finite names iteration and records, and leaves no weights")
  func brokenLossIsNamed() throws {
    let (first, folder) = (TemporaryFolder(), TemporaryFolder())
    _ = try TinyRun(iterations: 1).run(first.path)
    var weights = try Safetensors(reading: first.file("weights.safetensors"))
    let entry = weights.entries[0].entry
    weights.entries[0].entry = SafetensorsEntry(
      shape: entry.shape, floats: (entry.floats ?? []).map { _ in .nan })
    try weights.write(to: first.file("weights.safetensors"))
    let recipe = try TrainingRecipe(
      parsing: try TinyRun().recipe.yaml, file: "r",
      overrides: ["path.pretrain_network_g": .string(first.file("weights.safetensors"))])
    let run = try TrainingRun(recipe, data: PaintedPairs(), folder: folder.path)
    let problem = try #require(throws: Problem.self) { try finetune(run) }
    #expect(problem.place == "iteration 1")
    #expect(problem.what.contains("the loss is nan; records key"))
    #expect(!fileExists(folder.file("weights.safetensors")))
  }

  @Test("weights of another network are refused by the first tensor that does not fit")
  func otherWeightsAreRefused() throws {
    let folder = TemporaryFolder()
    _ = try TinyRun(iterations: 1).run(folder.path)
    let path = folder.file("weights.safetensors")
    var tiny = TinyRun(iterations: 1, extra: "")
    tiny.stage = "finetune"
    let text = try tiny.recipe.yaml.replacing("\"width\"", with: "width")
      .replacing("width: 4", with: "width: 8")
    let recipe = try TrainingRecipe(
      parsing: text, file: "r", overrides: ["path.pretrain_network_g": .string(path)])
    let problem = try #require(throws: Problem.self) {
      try Models(recipe, classes: ["a", "b", "c"])
    }
    #expect(problem.place == path)
    #expect(problem.what.contains("'intro.weight' is F32 [4, 3, 3, 3]"))
  }

  @Test("a set of one class cannot be classified") func oneClassIsRefused() throws {
    let folder = TemporaryFolder()
    var tiny = TinyRun()
    tiny.data.classes = ["haze"]
    let problem = try #require(throws: Problem.self) { try tiny.open(folder.path) }
    #expect(problem.what.hasPrefix("has 1 class"))
  }

  @Test("validation looks at held-out records and leaves the run as it is")
  func validationHasNoEffect() throws {
    let (plain, looked) = (TemporaryFolder(), TemporaryFolder())
    let tiny = TinyRun(iterations: 4)
    _ = try tiny.run(plain.path)
    let text = try tiny.recipe.yaml.replacing("val_freq: 0", with: "val_freq: 2")
    let recipe = try TrainingRecipe(parsing: text, file: "r")
    let run = try TrainingRun(
      recipe, data: PaintedPairs(), validation: PaintedPairs(count: 6), folder: looked.path,
      threads: 1)
    try finetune(run)
    let values = try LogFile.read(looked.file("log.jsonl")).filter { $0["group"] == "val" }
    #expect(values.compactMap { $0["iteration"]?.integer } == [2, 4])
    #expect(values.allSatisfy { $0["accuracy"]?.double != nil })
    let means = values.map { line in
      run.models.classes.compactMap { line["psnr/\($0)"]?.double }.reduce(0, +) / 3
    }
    #expect(zip(means, values).allSatisfy { abs($0 - ($1["psnr"]?.double ?? 0)) < 1e-9 })
    #expect(
      try readFile(plain.file("weights.safetensors"))
        == readFile(looked.file("weights.safetensors")))
  }

  @Test("weights read back as the network that was trained") func weightsReadBack() throws {
    let folder = TemporaryFolder()
    let run = try TinyRun(iterations: 2).open(folder.path)
    try finetune(run)
    let network = try Weights.readNetwork(folder.file("weights.safetensors"))
    #expect(network.sizes == run.models.network.sizes)
    let average = try #require(run.models.networkAverage)
    let written = run.models.network.store.export(average.values).map(\.entry)
    #expect(network.store.export().map(\.entry) == written)
    let (classifier, classes) = try Weights.readClassifier(folder.file("classifier.safetensors"))
    #expect(classes == ["bright", "dim", "dark"])
    #expect(classifier.configuration == run.models.classifier.configuration)
  }

  @Test("fine-tuning classifies without any effect on the network") func classifierHasNoEffect()
    throws
  {
    let (with, without) = (TemporaryFolder(), TemporaryFolder())
    _ = try TinyRun(iterations: 3, extra: "classify_opt: {loss_weight: 1}").run(with.path)
    _ = try TinyRun(iterations: 3, extra: "classify_opt: {loss_weight: 0}").run(without.path)
    let a = try Safetensors(reading: with.file("weights.safetensors"))
    let b = try Safetensors(reading: without.file("weights.safetensors"))
    #expect(a.entries.map(\.entry) == b.entries.map(\.entry))
    let c = try Safetensors(reading: with.file("classifier.safetensors"))
    let d = try Safetensors(reading: without.file("classifier.safetensors"))
    #expect(c.entries.map(\.entry) != d.entries.map(\.entry))
  }

  @Test("in pre-training the classification reaches the network") func pretrainingReachesNetwork()
    throws
  {
    let (with, without) = (TemporaryFolder(), TemporaryFolder())
    var tiny = TinyRun(stage: "pretrain", iterations: 3, extra: "classify_opt: {loss_weight: 1}")
    _ = try tiny.run(with.path)
    tiny.extra = "classify_opt: {loss_weight: 0}"
    _ = try tiny.run(without.path)
    let a = try Safetensors(reading: with.file("weights.safetensors"))
    let b = try Safetensors(reading: without.file("weights.safetensors"))
    #expect(a.entries.map(\.entry) != b.entries.map(\.entry))
  }

  @Test("a classifier that learns every third iteration leaves the network's weights as they were")
  func classifierLearnsEveryThirdIteration() throws {
    let (always, seldom) = (TemporaryFolder(), TemporaryFolder())
    _ = try TinyRun(stage: "finetune", iterations: 7).run(always.path)
    let lines = try TinyRun(stage: "finetune", iterations: 7, extra: "classify_freq: 3")
      .run(seldom.path)
    #expect(lines.map { $0["l_cls"] != nil } == [true, false, false, true, false, false, true])
    func same(_ name: String) throws -> Bool {
      try readFile(always.file(name)) == readFile(seldom.file(name))
    }
    #expect(try same("weights.safetensors"))
    #expect(try !same("classifier.safetensors"))
  }

  @Test("a run overfits one batch: it restores it and names its classes") func oneBatchIsOverfit()
    throws
  {
    let folder = TemporaryFolder()
    var tiny = TinyRun(stage: "finetune", iterations: 250, rate: 0.005)
    tiny.data = PaintedPairs(count: 4, side: 16)
    tiny.extra = "ema_decay: 0.9"
    let lines = try tiny.run(folder.path)
    let first = try #require(lines.first?["l_pix"]?.double)
    let last = lines.suffix(20).compactMap { $0["l_pix"]?.double }.reduce(0, +) / 20
    #expect(last < first / 4)
    #expect(lines.suffix(20).allSatisfy { $0["accuracy"]?.double == 1 })
    withExtendedLifetime(folder) {}
  }
}
