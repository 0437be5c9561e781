import Basics
import Images
import Networks
import Tensors
import TestSupport
import Testing

@testable import Training

/// Runs of every network and form: they learn, resume, and restore from their weights files.
@Suite(.serialized) struct NetworkRunTests {
  /// Sections `network_g` of networks small enough for a test.
  static let networks: [String] = [
    "{width: 4, enc_blk_nums: [1, 1], middle_blk_num: 1, dec_blk_nums: [1, 1], form: published}",
    "{type: Restormer, dim: 4, num_blocks: [1, 1, 1, 1], num_refinement_blocks: 1}",
    "{type: Restormer, form: dcpt_origin, dim: 4, num_blocks: [1, 1, 1, 1], heads: [1, 1, 2, 2], "
      + "num_refinement_blocks: 1, bias: true, LayerNorm_type: BiasFree}",
    "{type: Restormer, form: published, dim: 4, num_blocks: [1, 1, 1, 1], num_refinement_blocks: 1}",
    "{type: PromptIR, dim: 4, num_blocks: [1, 1, 1, 1], num_refinement_blocks: 0, heads: [1, 2, 4, 4], "
      + "prompt_len: 2, prompt_dims: [4, 8, 8], prompt_sizes: [8, 4, 2]}",
    "{type: PromptIR, form: published, dim: 4, num_blocks: [1, 1, 1, 1], num_refinement_blocks: 0, "
      + "heads: [1, 2, 4, 4], prompt_dims: [4, 8, 8], prompt_sizes: [8, 4, 2]}",
    "{type: SwinIR, embed_dim: 8, depths: [1, 2, 1, 1, 2], num_heads: [1, 2, 1, 2, 4], window_size: 4}",
    "{type: SwinIR, form: published, embed_dim: 8, depths: [2, 2], num_heads: [2, 2], window_size: 8, "
      + "resi_connection: 3conv}",
  ]

  @Test("a run learns, resumes to the same weights, and its weights restore", arguments: networks)
  func everyNetworkRuns(network: String) throws {
    let (straight, stopped) = (TemporaryFolder(), TemporaryFolder())
    let tiny = TinyRun(stage: "pretrain", network: network, iterations: 4, rate: 0.002)
    let lines = try tiny.run(straight.path)
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0["l_pix"]?.double?.isFinite ?? false })
    #expect(throws: Stopped.self) { try pretrain(try tiny.open(stopped.path, signal: 15)) }
    _ = try tiny.run(stopped.path, resuming: true)
    for name in ["weights.safetensors", "classifier.safetensors"] {
      #expect(try readFile(straight.file(name)) == readFile(stopped.file(name)))
    }
    try expectRestores(straight.path, as: try tiny.recipe.network)
  }

  private func expectRestores(_ folder: String, as sizes: NetworkConfiguration) throws {
    let restorer = try Restorer(reading: folder)
    #expect(restorer.network.sizes == sizes)
    let evaluation = try Evaluation(
      PaintedPairs(count: 4), [.init(name: "tiny", weights: folder, restorer: restorer)])
    #expect(evaluation.mean(1).psnr.isFinite && evaluation.confusion(0) != nil)
    // Smaller than what the classifier halves, and of no network's multiple.
    let picture = Image(width: 3, height: 21, pixels: [Float](repeating: 0.4, count: 3 * 21 * 3))
    let result = restorer.restore(picture)
    #expect((result.image.width, result.image.height) == (3, 21))
    #expect(result.probabilities?.count == 3)
  }

  @Test("tiles of windowed and pooled networks join to a whole picture", arguments: networks)
  func tilesJoin(network: String) throws {
    let sizes = try TinyRun(network: network).recipe.network
    let restorer = Restorer(
      sizes.network(seed: 2), nil, classes: [], tile: 32, overlap: 16)
    let picture = Image(width: 70, height: 20, pixels: [Float](repeating: 0.4, count: 70 * 20 * 3))
    let result = restorer.restore(picture).image
    #expect((result.width, result.height) == (70, 20))
    #expect(result.pixels.allSatisfy { $0.isFinite })
  }

  @Test("there is nothing to pool locally in a network that does not pool") func noLocalPooling()
    throws
  {
    let folder = TemporaryFolder()
    _ = try TinyRun(network: NetworkRunTests.networks[1], iterations: 1).run(folder.path)
    let problem = try #require(throws: Problem.self) {
      try Restorer(reading: folder.path, localPooling: true)
    }
    #expect(problem.what.hasPrefix("is no NAFNet"))
  }

  @Test("a classifier of another network's features is refused") func otherClassifierIsRefused()
    throws
  {
    let (swinir, restormer) = (TemporaryFolder(), TemporaryFolder())
    _ = try TinyRun(network: NetworkRunTests.networks[6], iterations: 1).run(swinir.path)
    _ = try TinyRun(network: NetworkRunTests.networks[1], iterations: 1).run(restormer.path)
    let file = "classifier.safetensors"
    try AtomicFile.write(try readFile(swinir.file(file)), to: restormer.file(file))
    let problem = try #require(throws: Problem.self) { try Restorer(reading: restormer.path) }
    #expect(problem.fix == "keep weights and classifier of one run together")
  }

  @Test(
    "sizes that do not fit each other are refused with their key",
    arguments: [
      ("{type: Restormer, dim: 7}", "'network_g.dim' is 7, which is odd"),
      ("{type: Restormer, heads: [1, 2, 4]}", "'network_g.heads' has 3 numbers"),
      (
        "{type: Restormer, dim: 6, heads: [1, 2, 4, 5]}",
        "'network_g.heads' holds 5, which does not divide 48 channels"
      ),
      ("{type: Restormer, width: 32}", "unknown key 'network_g.width'"),
      ("{type: Restormers}", "'network_g.type' is \"Restormers\", not one of NAFNet"),
      ("{type: Restormer, form: publishd}", "'network_g.form' is \"publishd\", not one of dcpt"),
      (
        "{type: PromptIR, dim: 4, heads: [1, 2, 4, 4], prompt_dims: [4, 6, 8]}",
        "'network_g.prompt_dims' 6 beside 16 channels are 22"
      ),
      (
        "{type: SwinIR, embed_dim: 8, depths: [2, 2], num_heads: [2, 2]}",
        "'network_g.depths' has 2 groups"
      ),
      (
        "{type: SwinIR, form: published, embed_dim: 8, depths: [2, 2], num_heads: [2]}",
        "'network_g.num_heads' has 1 groups, 'depths' 2"
      ),
      (
        "{type: SwinIR, form: published, embed_dim: 8, depths: [2], num_heads: [3]}",
        "'network_g.num_heads' holds 3, which does not divide 8 channels"
      ),
      (
        "{type: SwinIR, embed_dim: 8, depths: [1, 1, 1, 1, 1], num_heads: [1, 1, 1, 1, 1], window_size: 7}",
        "'datasets.train.gt_size' is 16, not a multiple of the network's 7"
      ),
    ])
  func misfitsAreNamed(network: String, what: String) throws {
    let problem = try #require(throws: Problem.self) { try TinyRun(network: network).recipe }
    #expect(problem.what.hasPrefix(what), "\(problem)")
    #expect(problem.place.hasPrefix("tiny.yaml:"))
  }
}
