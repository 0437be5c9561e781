import Basics
import Foundation
import TestSupport
import Testing

@testable import Training

/// Whole runs whose recipes say how records are drawn.
@Suite(.serialized) struct SampledRunTests {
  private static let mixture = MixedPairs([
    .init(PaintedPairs(count: 5), weight: 2), .init(PaintedPairs(count: 9), weight: 1),
  ])

  private func run(
    _ tiny: TinyRun, _ data: any PairSource, _ folder: String, resuming: Bool = false
  )
    throws
  {
    try finetune(
      TrainingRun(try tiny.recipe, data: data, folder: folder, resuming: resuming, threads: 1))
  }

  @Test(
    "resuming gives the weights of a run that never stopped",
    arguments: [
      ", shuffle_shards: 2", ", class_weights: {bright: 1, dark: 2}", ", drop_last: false", "",
    ])
  func resuming(sampling: String) throws {
    let data: any PairSource =
      sampling.isEmpty ? Self.mixture : PaintedPairs(count: 14, perShard: 3)
    let (straight, halved) = (TemporaryFolder(), TemporaryFolder())
    let tiny = TinyRun(iterations: 7, saveEvery: 3, kept: 9, sampling: sampling)
    try run(tiny, data, straight.path)
    try run(tiny, data, halved.path)
    for newer in [6, 7] {
      try FileManager.default.removeItem(
        atPath: halved.file("checkpoints/0000000\(newer).safetensors"))
    }
    try run(tiny, data, halved.path, resuming: true)
    #expect(
      try readFile(straight.file("weights.safetensors"))
        == readFile(halved.file("weights.safetensors")))
  }

  @Test("the loss of a short batch is the mean over its records") func shortBatch() throws {
    let (short, whole) = (TemporaryFolder(), TemporaryFolder())
    var tiny = TinyRun(iterations: 4, sampling: ", drop_last: false", data: PaintedPairs(count: 2))
    let lines = try tiny.run(short.path)
    tiny.sampling = ""
    tiny.batch = 2
    #expect(try tiny.run(whole.path) == lines)
    #expect(
      try readFile(short.file("weights.safetensors"))
        == readFile(whole.file("weights.safetensors")))
  }

  @Test("the log counts the records that were skipped, where a recipe allows it")
  func skippedIsCounted() throws {
    let folder = TemporaryFolder()
    let tiny = TinyRun(
      iterations: 9, sampling: ", bad_records: skip", data: PaintedPairs(broken: 3))
    let counts = try tiny.run(folder.path).compactMap { $0["skipped_records"]?.double }
    // Three epochs, in each of which the damaged record comes once.
    #expect(counts.count == 9)
    #expect(counts.reduce(0, +) == 3)
    let stopping = TinyRun(iterations: 9, data: PaintedPairs(broken: 3))
    let other = TemporaryFolder()
    #expect(throws: Problem.self) { try stopping.run(other.path) }
    withExtendedLifetime((folder, other)) {}
  }

  @Test("a checkpoint holds epoch, position and the data they hold for")
  func checkpointState() throws {
    let folder = TemporaryFolder()
    let tiny = TinyRun(iterations: 4)
    _ = try tiny.run(folder.path)
    let models = try Models(try tiny.recipe, classes: PaintedPairs().classes)
    let checkpoint = try #require(
      try Checkpoint.readNewest(in: folder.file("checkpoints"), into: models))
    let state = try #require(checkpoint.loader)
    #expect((state.epoch, state.position, state.globalBatch) == (1, 4, 4))
    #expect(state.datasetID == "painted" && state.seed == 3)
  }
}
