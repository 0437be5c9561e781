import Basics
import Testing

@testable import Training

/// The keys of a training set that decide which records are seen, and in which order.
@Suite struct SamplingRecipeTests {
  private func recipe(_ lines: String) throws(Problem) -> TrainingRecipe {
    try TrainingRecipe(
      parsing: """
        name: sampling
        stage: finetune
        network_g: {width: 4, enc_blk_nums: [1, 1], middle_blk_num: 1, dec_blk_nums: [1, 1]}
        datasets:
          train:
            gt_size: 16
            batch_size: 4
        \(lines.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
        train: {total_iter: 10}
        """, file: "r.yaml")
  }

  private func problem(_ lines: String) throws -> Problem {
    try #require(throws: Problem.self) { try recipe(lines) }
  }

  @Test("a recipe without them keeps what it had before there were any") func defaults() throws {
    let read = try recipe("")
    #expect(read.sampling == TrainingRecipe.Sampling())
    #expect(
      read.resolved["datasets"]?["train"]?.object?.map(\.key)
        == ["manifest", "gt_size", "batch_size", "use_hflip", "use_rot"])
  }

  @Test("every key is read and stands in the resolved recipe") func allKeys() throws {
    let read = try recipe("shuffle_shards: 8\nbad_records: skip\ndrop_last: false")
    #expect(read.sampling.pool == 8 && read.sampling.badRecords == .skip)
    #expect(!read.sampling.dropsLast && read.yaml.contains("drop_last: false"))
    #expect(read.yaml.contains("shuffle_shards: 8"))
    let balanced = try recipe("class_weights: balanced").sampling
    #expect(balanced.classWeights == .balanced)
    let given = try recipe("class_weights: {haze: 2, snow: 0.5}").sampling
    #expect(given.classWeights == .given(["haze": 2, "snow": 0.5]))
  }

  @Test(
    "where records are made again from is no part of the digest, nor whether damage ends the run")
  func repair() throws {
    let read = try recipe("bad_records: repair\nclean: [a, b]\ndepth: [c]")
    #expect(read.sampling.badRecords == .repair)
    #expect(read.sampling.originals.clean == ["a", "b"] && read.sampling.originals.depth == ["c"])
    for same in ["", "bad_records: stop", "bad_records: repair"] {
      #expect(try recipe(same).digest == read.digest)
    }
    #expect(try recipe("bad_records: skip").digest != read.digest)
    let mixed = try recipe(
      "bad_records: repair\nmix:\n- {manifest: a, clean: [x]}\n- {manifest: b}")
    #expect(mixed.sampling.mixture.map(\.originals.clean) == [["x"], []])
  }

  @Test("several sets have weights, and where they lie is no part of the digest") func mixture()
    throws
  {
    let read = try recipe("mix:\n- {manifest: a/manifest.json, weight: 3}\n- {manifest: b.json}")
    #expect(
      read.sampling.mixture
        == [.init(manifest: "a/manifest.json", weight: 3), .init(manifest: "b.json", weight: 1)])
    let moved = try recipe("mix:\n- {manifest: c.json, weight: 3}\n- {manifest: d.json, weight: 1}")
    #expect(moved.digest == read.digest)
    #expect(
      try recipe("mix:\n- {manifest: c.json, weight: 2}\n- {manifest: d.json}").digest
        != read.digest)
  }

  @Test(
    "what does not fit is named with its key",
    arguments: [
      ("shuffle_shards: -1", "'datasets.train.shuffle_shards' is -1, not a whole number"),
      ("bad_records: ignore", "'datasets.train.bad_records' is \"ignore\", not one of stop, skip"),
      ("drop_last: maybe", "'datasets.train.drop_last' is \"maybe\", not true or false"),
      (
        "class_weights: even",
        "'datasets.train.class_weights' is \"even\", which gives no class a weight"
      ),
      ("class_weights: {haze: -1}", "'datasets.train.class_weights' gives 'haze' the weight -1"),
      (
        "class_weights: {haze: 0}",
        "'datasets.train.class_weights' is {\"haze\":0}, which gives no class"
      ),
      ("clean: [a]", "'datasets.train.clean' is given, but no record is to be made again from it"),
      ("bad_records: skip\ndepth: [a]", "'datasets.train.depth' is given, but no record"),
      ("mix:\n- {manifest: a, clean: [x]}", "'datasets.train.mix[0].clean' is given, but no"),
      (
        "bad_records: repair\nclean: [x]\nmix:\n- {manifest: a}",
        "'datasets.train.mix' has several sets, whose pictures 'clean' and 'depth' cannot name"
      ),
      ("mix: []", "'datasets.train.mix' is empty"),
      ("mix:\n- {manifest: a, weight: 0}", "'datasets.train.mix[0].weight' is 0, not a number"),
      ("mix:\n- {weight: 1}", "'datasets.train.mix[0].manifest' is missing"),
      ("manifest: a\nmix:\n- {manifest: b}", "'datasets.train.mix' does not go with 'manifest'"),
      (
        "shuffle_shards: 2\nclass_weights: balanced",
        "'datasets.train.shuffle_shards' does not go with 'class_weights'"
      ),
      ("mix:\n- {manifest: a, wieght: 1}", "unknown key 'datasets.train.mix[0].wieght'"),
    ])
  func wrongValues(_ lines: String, _ what: String) throws {
    #expect(try problem(lines).what.hasPrefix(what))
  }
}
