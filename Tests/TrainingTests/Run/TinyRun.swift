import Basics
import Networks
import TestSupport

@testable import Training

/// A run small enough for a test: 4 channels, 16-pixel patches, painted pairs.
struct TinyRun {
  var stage = "finetune"
  var network = "{width: 4, enc_blk_nums: [1, 1], middle_blk_num: 1, dec_blk_nums: [1, 1]}"
  var iterations = 10
  var saveEvery = 1000
  var seed = 3
  var rate = 0.001
  var kept = 2
  var batch = 4
  /// Whether memory decides the batch.
  var automatic = false
  var extra = ""
  /// More keys of the training set.
  var sampling = ""
  var data = PaintedPairs()

  var recipe: TrainingRecipe {
    get throws(Problem) {
      try TrainingRecipe(
        parsing: """
          name: tiny
          stage: \(stage)
          manual_seed: \(seed)
          network_g: \(network)
          network_dc: {num_res_blocks: 1, expansion: 1}
          datasets: {train: {gt_size: 16, batch_size: \(automatic ? "auto" : "\(batch)")\(sampling)}}
          train:
            total_iter: \(iterations)
            optim_g: {lr: \(rate)}
            \(extra)
          logger: {print_freq: 1, save_checkpoint_freq: \(saveEvery), keep_checkpoints: \(kept)}
          """, file: "tiny.yaml")
    }
  }

  /// A run that only `signal` ends early: what this process receives is of no account to a test.
  func open(
    _ folder: String, resuming: Bool = false, isForced: Bool = false, signal: Int32? = nil
  ) throws(Problem) -> TrainingRun {
    try TrainingRun(
      try recipe, data: data, folder: folder, resuming: resuming, isForced: isForced, threads: 1,
      signal: { signal })
  }

  /// Runs to the end and returns the run folder's log lines.
  func run(_ folder: String, resuming: Bool = false) throws -> [JSON] {
    let run = try open(folder, resuming: resuming)
    if stage == "pretrain" { try pretrain(run) } else { try finetune(run) }
    return try LogFile.read(folder + "/log.jsonl")
  }
}
