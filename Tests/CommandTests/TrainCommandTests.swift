import Basics
import Foundation
import Images
import Records
import TestSupport
import Testing

/// The built `dcpt-train`, from recipe to weights.
@Suite(.serialized) struct TrainCommandTests {
  private let folder = TemporaryFolder()

  @Test(
    "help of every verb has an example",
    arguments: ["pretrain", "finetune", "evaluate", "restore", "export", "info"])
  func helpHasExamples(verb: String) throws {
    let result = try Program.train.run([verb, "--help"])
    #expect(result.status == 0)
    #expect(result.output.contains("dcpt-train \(verb) "))
    #expect(result.output.contains("Examples:"))
  }

  @Test("wrong usage ends with 64, a problem with 1 and its place") func exitStatusesDiffer() throws
  {
    #expect(try Program.train.run(["pretrain"]).status == 64)
    #expect(try Program.train.run(["pretrain", "r.yaml", "--threads", "0"]).status == 64)
    #expect(try Program.train.run(["pretrain", "r.yaml", "--force"]).status == 64)
    let missing = try Program.train.run(["pretrain", folder.file("no.yaml")])
    #expect(missing.status == 1)
    #expect(missing.errors.hasPrefix("\(folder.file("no.yaml")): cannot be opened"))
  }

  @Test("finetune wants to know where to start") func finetuneWantsStart() throws {
    let recipe = try writeRecipe(stage: "finetune", iterations: 2)
    let result = try Program.train.run(["finetune", recipe])
    #expect(result.status == 1)
    #expect(result.errors.contains("--from-scratch"))
    let both = try Program.train.run(["finetune", recipe, "--from", "x", "--from-scratch"])
    #expect(both.status == 64)
  }

  @Test("a recipe for the other verb is refused") func otherStageIsRefused() throws {
    let recipe = try writeRecipe(stage: "finetune", iterations: 2)
    let result = try Program.train.run(["pretrain", recipe])
    #expect(result.status == 1)
    #expect(result.errors.contains("run 'dcpt-train finetune'"))
  }

  @Test("a run killed again and again ends with the weights of one that never stopped")
  func killedRunEndsTheSame() throws {
    let data = try makeData()
    let recipe = try writeRecipe(stage: "pretrain", iterations: 300)
    let arguments = ["pretrain", recipe, "--data", data, "--threads", "1"]
    let straight = try Program.train.run(arguments + ["--out", folder.file("straight")])
    #expect(straight.status == 0, "\(straight.errors)")
    let killed = folder.file("killed")
    var kills = 0
    // Each time it is let come a little further, so that some kills fall into the writing of a checkpoint.
    while kills < 4 {
      let process = try Program.train.start(arguments + ["--out", killed, "--resume"])
      let last = newestCheckpoint(killed)
      guard process.wait(until: { newestCheckpoint(killed) > last + 10 * kills }) else { break }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      kills += 1
    }
    let last = try Program.train.run(arguments + ["--out", killed, "--resume"])
    #expect(last.status == 0, "\(last.errors)")
    #expect(kills > 0)
    for name in ["weights.safetensors", "classifier.safetensors"] {
      let expected = try readFile(folder.file("straight/\(name)"))
      #expect(try readFile(killed + "/" + name) == expected)
    }
  }

  /// The iteration of the newest checkpoint of a run; 0 before there is one.
  private func newestCheckpoint(_ run: String) -> Int {
    let names = try? FileManager.default.contentsOfDirectory(atPath: run + "/checkpoints")
    return (names ?? []).compactMap { Int($0.prefix { $0 != "." }) }.max() ?? 0
  }

  @Test("SIGTERM writes a checkpoint and ends with 143") func terminationWritesCheckpoint() throws {
    let data = try makeData()
    let recipe = try writeRecipe(stage: "pretrain", iterations: 1_000_000)
    let process = try Program.train.start([
      "pretrain", recipe, "--data", data, "--out", folder.file("stopped"),
    ])
    let log = folder.file("stopped/log.jsonl")
    #expect(process.wait { (try? readFile(log))?.isEmpty == false })
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    #expect(newestCheckpoint(folder.file("stopped")) > 0)
  }

  @Test("a damaged record ends a run by its name, and is made again where a flag asks for it")
  func damagedRecord() throws {
    let data = try makeData()
    let recipe = try writeRecipe(stage: "pretrain", iterations: 6)
    let arguments = ["pretrain", recipe, "--data", data, "--threads", "1", "--out"]
    try succeed(arguments + [folder.file("intact")])
    let shard = folder.file("data/shard-000000.tar")
    let stride = try #require(try Manifest(reading: data).shards[0].stride)
    var bytes = try readFile(shard)
    // In lq of record 3, the last member of a record.
    bytes[4 * stride - 1024] ^= 1
    try AtomicFile.write(bytes, to: shard)
    let stopped = try Program.train.run(arguments + [folder.file("stopped")])
    #expect(stopped.status == 1)
    #expect(stopped.errors.contains("\(shard): record 000000003, member lq.npy at byte "))
    let out = folder.file("repaired")
    let repaired = try Program.train.run(arguments + [out, "--bad-records", "repair"])
    #expect(repaired.status == 0, "\(repaired.errors)")
    #expect(repaired.errors.contains("made again in memory: \(shard): record 000000003, member lq"))
    #expect(repaired.errors.contains("; run 'dcpt-data repair \(data)' to mend the file\n"))
    let name = "/weights.safetensors"
    #expect(try readFile(out + name) == readFile(folder.file("intact") + name))
    let clean = try Program.train.run(arguments + [out, "--clean", "x"])
    #expect(clean.status == 1)
    #expect(clean.errors.contains("'datasets.train.clean' is given, but no record is to be made"))
  }

  @Test("weights leave as PyTorch has them and come back, with a recipe where they need one")
  func weightsBothWays() throws {
    let data = try makeData()
    let recipe = try writeRecipe(stage: "finetune", iterations: 3)
    let run = folder.file("run")
    try succeed(["finetune", recipe, "--data", data, "--from-scratch", "--out", run])
    let (pth, back, onnx) = (
      folder.file("w.pth"), folder.file("w.safetensors"), folder.file("w.onnx")
    )
    try succeed(["export", run, "--pth", pth, "--onnx", onnx])
    // The trained values and their averages, of which restoring takes the latter.
    #expect(try TorchFile(reading: pth).tensors(under: "params").entries.count > 10)
    try succeed(["export", pth, "--recipe", recipe, "--safetensors", back])
    #expect(
      try Safetensors(reading: back).entries.map(\.entry)
        == Safetensors(reading: run + "/weights.safetensors").entries.map(\.entry))
    try succeed(["finetune", recipe, "--data", data, "--from", pth, "--out", folder.file("on")])
    let unknown = try Program.train.run(["export", pth, "--onnx", onnx])
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("does not say which network"))
    #expect(try Program.train.run(["export", pth]).status == 64)
  }

  @Test("the whole road: pre-trained, fine-tuned, judged, and a folder restored")
  func wholeRoad() throws {
    let data = try makeData()
    let pre = try writeRecipe(stage: "pretrain", iterations: 3)
    let tune = try writeRecipe(stage: "finetune", iterations: 3)
    let (first, second) = (folder.file("pre"), folder.file("tuned"))
    try succeed(["pretrain", pre, "--data", data, "--out", first])
    try succeed(["finetune", tune, "--data", data, "--from", first, "--out", second])
    let report = folder.file("report")
    let judged = try succeed([
      "evaluate", "--data", data, "--weights", "dcpt=" + second, "--pretrained", first, "--out",
      report,
    ])
    #expect(judged.contains("| degradation | input | dcpt |"))
    #expect(judged.contains("### Named by pre (rows"))
    for name in ["report.md", "report.json", "loss.png", "classification.png", "accuracy.png"] {
      #expect(FileManager.default.fileExists(atPath: report + "/" + name))
    }
    try restoreFolder(weights: second)
  }

  /// Restores a folder with a good picture and a bad one, with and without a classifier.
  private func restoreFolder(weights: String) throws {
    let (pictures, out) = (folder.file("pictures"), folder.file("restored"))
    try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
    let good = Image(width: 70, height: 41, filledWith: 0.4)
    try PNGFile.write(good, to: pictures + "/good.png")
    let restored = try succeed(["restore", "--weights", weights, pictures, "--out", out])
    #expect(restored.contains("good.png: 70x41 in "))
    #expect(restored.contains("degradation: "))
    #expect(try PictureFile.read(out + "/good.png").image.width == 70)

    try AtomicFile.write("not a picture", to: pictures + "/bad.png")
    try FileManager.default.removeItem(atPath: weights + "/classifier.safetensors")
    let mixed = try Program.train.run(["restore", "--weights", weights, pictures, "--out", out])
    #expect(mixed.status == 1)
    #expect(mixed.errors.contains("set aside: \(pictures)/bad.png"))
    #expect(mixed.output.contains("degradations cannot be named"))
    #expect(!FileManager.default.fileExists(atPath: out + "/bad.png"))
  }

  @discardableResult
  private func succeed(_ arguments: [String]) throws -> String {
    let result = try Program.train.run(arguments)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result.output
  }

  private func makeData() throws -> String {
    let made = try Program.data.run([
      "synth", Program.repository + "/manifests/5d.yaml", "--count", "10", "--size", "32", "--out",
      folder.file("data"), "--seed", "1",
    ])
    #expect(made.status == 0, "\(made.errors)")
    return folder.file("data/manifest.json")
  }

  private func writeRecipe(stage: String, iterations: Int) throws -> String {
    let path = folder.file("\(stage)-\(iterations).yaml")
    let text = """
      name: tiny
      stage: \(stage)
      network_g: {width: 4, enc_blk_nums: [1, 1], middle_blk_num: 1, dec_blk_nums: [1, 1]}
      network_dc: {num_res_blocks: 1, expansion: 1}
      datasets: {train: {gt_size: 16, batch_size: 4}}
      train: {total_iter: \(iterations)}
      logger: {print_freq: 1, save_checkpoint_freq: 3}
      """
    try AtomicFile.write(text, to: path)
    return path
  }
}
