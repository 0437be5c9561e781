import Basics
import TestSupport
import Testing

@testable import Training

/// Batches that memory decides.
@Suite struct BatchFitTests {
  private func fit(_ tiny: TinyRun, _ bound: Int, records: Int? = nil) throws -> BatchFit {
    try BatchFit(
      try tiny.recipe, in: bound, DataFacts(classes: 3, records: records), threads: 1)
  }

  @Test(
    "the batch is the largest that fits", arguments: [2, 7, 20, 33, 150],
    [("", 1), ("gradient_accumulation_steps: 3", 3)])
  func largest(bound: Int, parts: (String, Int)) throws {
    let (extra, steps) = parts
    let tiny = TinyRun(batch: 12, extra: extra)
    let fit = try fit(tiny, bound << 20)
    #expect(fit.need.memory.total <= bound << 20)
    #expect(fit.batch.isMultiple(of: steps))
    #expect(try tiny.recipe.need(batch: fit.batch, DataFacts(classes: 3), threads: 1) == fit.need)
    let more = try tiny.recipe.need(batch: fit.batch + steps, DataFacts(classes: 3), threads: 1)
    #expect(more.memory.total > bound << 20)
  }

  @Test("no batch is larger than the data or than recipes may say") func bounds() throws {
    for records in [1, 2, 3, 5, 11] {
      #expect(try fit(TinyRun(), 1 << 40, records: records).batch == records)
    }
    #expect(try fit(TinyRun(), 1 << 50).batch == 4096)
  }

  @Test("where nothing fits, the message says what would") func nothingFits() throws {
    let problem = try #require(throws: Problem.self) { try fit(TinyRun(), 1000) }
    #expect(problem.place == "batch_size")
    #expect(problem.what.hasPrefix("auto finds none: a batch of 1 takes "))
    #expect(problem.what.hasSuffix("1000 B may be taken"))
    #expect(problem.fix.contains("--memory") && problem.fix.contains("gradient_checkpointing"))
    let again = try #require(throws: Problem.self) {
      try fit(TinyRun(extra: "gradient_checkpointing: true"), 1000)
    }
    #expect(!again.fix.contains("gradient_checkpointing"))
  }

  @Test("a run takes the batch that fits, says and records it, and keeps it when it goes on")
  func runKeepsBatch() throws {
    let folder = TemporaryFolder()
    var tiny = TinyRun(iterations: 4, saveEvery: 1)
    tiny.automatic = true
    let bound = try tiny.recipe.need(batch: 5, DataFacts(classes: 3), threads: 1).memory.total
    func open(memory: Int, resuming: Bool, signal: Int32? = nil) throws -> TrainingRun {
      try TrainingRun(
        try tiny.recipe, data: tiny.data, folder: folder.path, resuming: resuming, threads: 1,
        memory: memory, signal: { signal })
    }
    let first = try open(memory: bound, resuming: false, signal: 15)
    #expect(first.recipe.patches.batch == 5)
    #expect(throws: Stopped.self) { try finetune(first) }
    let recorded = try TrainingRecipe(reading: folder.file("recipe.yaml"))
    #expect(recorded.patches.batch == 5 && !recorded.patches.fitsBatchToMemory)
    #expect(recorded.digest == first.recipe.digest)
    // Half the memory now; the run goes on as it began.
    let second = try open(memory: bound / 2, resuming: true)
    #expect(second.recipe.patches.batch == 5)
    try finetune(second)
    let notes = try LogFile.read(folder.file("log.jsonl")).filter { $0["group"] == "batch_size" }
    #expect(
      notes.compactMap { $0["text"]?.string } == [
        "batch_size auto: 5, which takes \(ByteCount(bound)) of \(ByteCount(bound))",
        "batch_size auto: 5, as the run began",
      ])
  }

  @Test("--resume without a run to go on with starts one") func resumeStartsAnew() throws {
    let folder = TemporaryFolder()
    var tiny = TinyRun(iterations: 1)
    tiny.automatic = true
    let run = try TrainingRun(
      try tiny.recipe, data: tiny.data, folder: folder.path, resuming: true, threads: 1,
      memory: 1 << 40, signal: { nil })
    #expect(run.recipe.patches.batch == tiny.data.count)
  }

  @Test("a recipe says 'auto' or a number, and nothing else") func words() throws {
    let text = TrainingRecipeTests.smallest
    let recipe = try TrainingRecipe(
      parsing: text.replacing("batch_size: 2", with: "batch_size: auto"), file: "r.yaml")
    #expect(recipe.patches.fitsBatchToMemory)
    #expect(recipe.resolved["datasets"]?["train"]?["batch_size"] == "auto")
    let given = try TrainingRecipe(
      parsing: text, file: "r.yaml", overrides: ["datasets.train.batch_size": "auto"])
    #expect(given.digest == recipe.digest)
    #expect(
      try recipe.with(batch: 2).digest == TrainingRecipe(parsing: text, file: "r.yaml").digest)
    let problem = try #require(throws: Problem.self) {
      try TrainingRecipe(
        parsing: text.replacing("batch_size: 2", with: "batch_size: outo"), file: "r.yaml")
    }
    #expect(problem.place == "r.yaml:11")
    #expect(
      problem.what
        == "'datasets.train.batch_size' is \"outo\", not a whole number from 1 to 4096 or auto")
  }
}
