import Basics
import Networks
import Tensors
import TestSupport
import Testing

@testable import Training

/// What dry runs say that training takes, against what it takes.
@Suite struct MemoryNeedTests {
  /// One of each network, in both stages, whole and in parts, kept and run again.
  private static let runs: [TinyRun] = {
    let networks = [
      "{width: 16, enc_blk_nums: [1, 1], middle_blk_num: 1, dec_blk_nums: [1, 1]}",
      NetworkRunTests.networks[1], NetworkRunTests.networks[4], NetworkRunTests.networks[6],
    ]
    return networks.flatMap { network in
      [
        TinyRun(stage: "pretrain", network: network, iterations: 2),
        TinyRun(network: network, iterations: 2, extra: "classify_freq: 2"),
        TinyRun(
          network: network, iterations: 2,
          extra: "gradient_accumulation_steps: 2\n  gradient_checkpointing: true"),
        TinyRun(
          network: network, iterations: 4, extra: "pixel_opt: {type: CharbonnierLoss}",
          sampling: ", drop_last: false", data: PaintedPairs(count: 7)),
      ]
    }
  }()

  @Test(
    "blocks after two iterations are what was said, to the byte")
  func blocksAreExact() async {
    // In a process of its own: the pool's counter is the process's.
    await #expect(processExitsWith: .success) {
      for tiny in MemoryNeedTests.runs {
        let folder = TemporaryFolder()
        let need = try tiny.recipe.need(
          DataFacts(classes: tiny.data.classes.count, records: tiny.data.count), threads: 1
        ).memory
        require(StoragePool.bytes == 0, "a dry run made \(StoragePool.bytes) bytes")
        _ = try tiny.run(folder.path)
        require(
          StoragePool.bytes == need.activations,
          "\(tiny): \(StoragePool.bytes) bytes, said were \(need.activations)")
        StoragePool.releaseFreeBlocks()
      }
    }
  }

  @Test("threads keep no more scratch than was said") func scratchIsBounded() async {
    // Each in a process of its own: threads keep what they once wanted.
    await #expect(processExitsWith: .success) { try MemoryNeedTests.requireScratch(ofRun: 0) }
    await #expect(processExitsWith: .success) { try MemoryNeedTests.requireScratch(ofRun: 4) }
    await #expect(processExitsWith: .success) { try MemoryNeedTests.requireScratch(ofRun: 8) }
    await #expect(processExitsWith: .success) { try MemoryNeedTests.requireScratch(ofRun: 12) }
  }

  private static func requireScratch(ofRun index: Int) throws {
    let (tiny, folder) = (runs[index], TemporaryFolder())
    let said = try tiny.recipe.need(DataFacts(classes: 3), threads: 1).memory.scratch
    _ = try tiny.run(folder.path)
    let kept = Threads.scratchBytes
    require(kept > 0 && kept <= said, "\(tiny): scratch of \(kept) bytes, said were \(said)")
  }

  @Test("flat vectors are what the parameters say", arguments: runs.indices)
  func vectorsAreExact(index: Int) throws {
    let recipe = try Self.runs[index].recipe
    let need = try recipe.need(DataFacts(classes: 3), threads: 1).memory
    let vectors = DryRun.measure {
      // Gradients are made by the first backward pass.
      let models = try? Models(recipe, classes: ["a", "b", "c"])
      for store in [models?.network.store, models?.classifier.store] { _ = store?.gradients }
    }.count.vectorBytes
    #expect(need.parameters + need.gradients + need.moments + need.averages == vectors)
    #expect(need.saving == 2 * (vectors - need.gradients))
    #expect((need.averages > 0) == (recipe.stage == .finetune))
    #expect(need.batches == 10 * recipe.patches.batch * 16 * 16 * 3 * 4)
  }

  @Test("an iteration in parts does as much; blocks that are run again do more and keep less")
  func workAndMemory() throws {
    let network = NetworkRunTests.networks[1]
    func need(_ extra: String) throws -> IterationNeed {
      try TinyRun(network: network, extra: extra).recipe.need(DataFacts(classes: 3), threads: 1)
    }
    let (whole, parts) = (try need(""), try need("gradient_accumulation_steps: 4"))
    #expect(parts.multiplyAdds == whole.multiplyAdds)
    #expect(parts.memory.activations < whole.memory.activations / 2)
    let again = try need("gradient_checkpointing: true")
    #expect(again.multiplyAdds > whole.multiplyAdds)
    #expect(again.memory.activations < whole.memory.activations)
  }

  @Test("a dry run of an official network leaves memory as it was") func residentMemoryStays() async
  {
    await #expect(processExitsWith: .success) {
      // What is made once: the code, and tables of the runtime.
      _ = try NetworkFacts(try TinyRun().recipe)
      let before = LoaderMemoryTests.anonymousKiB()
      for name in ["nafnet", "swinir", "restormer", "promptir"] {
        let recipe = try TrainingRecipe(official: name, overrides: ["stage": "pretrain"])
        let facts = try NetworkFacts(recipe)
        require(facts.training.memory.total > 2 << 30, "\(name) takes \(facts.training.memory)")
        let grown = LoaderMemoryTests.anonymousKiB() - before
        require(grown < 8 << 10, "\(name): \(grown) KiB more")
      }
    }
  }
}
