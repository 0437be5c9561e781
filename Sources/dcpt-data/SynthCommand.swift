import ArgumentParser
import Basics
import Degradations
import Records
import Synthesis

/// Makes a data set.
struct SynthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synth",
    abstract: "Makes a labelled set of degraded and clean picture pairs.",
    discussion: """
      Examples:
        dcpt-data synth manifests/5d.yaml --out runs/5d
        dcpt-data synth manifests/5d.yaml --out runs/5d --clean ~/Pictures --count 5000
        dcpt-data synth manifests/5d-test.yaml --out runs/5d-test --split test --clean ~/Pictures
        dcpt-data synth --replay runs/5d/manifest.json:17 --clean ~/Pictures --out again

      Without --clean (and without folders in the recipe) clean pictures are generated. A folder with
      subfolders named train, validation and test is split already; any other is split by the content
      of its files, so that no picture is in two splits. Unusable pictures are set aside and reported.

      Depth is made up to suit each picture, unless --depth gives maps: that of a/b.jpg below --clean
      is a/b.npy, .tiff, .tif or .png below --depth. Its --depth-kind is the recipe's depth.encoding.

      The same recipe, seed and pictures give the same bytes, whatever --workers is. A run that was
      ended, by a signal or a crash, goes on with its finished shards when it is started again. Started
      again on a finished set, it checks the shards and makes those again that are missing or damaged.
      --resume also makes a manifest.json again that is lost or damaged, as SHA256SUMS proves.

      A set can be made in parts, at once or not, on one machine or many (docs/scale.md):
        dcpt-data synth manifests/5d.yaml --out runs/5d --clean ~/Pictures --plan
        dcpt-data synth manifests/5d.yaml --out runs/5d --clean ~/Pictures --shards 0...49
        dcpt-data synth manifests/5d.yaml --out runs/5d --clean ~/Pictures --shards 50...99
        dcpt-data merge runs/5d
      --plan looks at all pictures once and writes their list with digests into plan.json; whoever finds
      that file in --out goes by it and stops when a picture is gone or another than it was.

      --planes stores what a record's label stands for as further members where it has them, such as
      KEY.haze-transmission.npy or KEY.inpainting-mask.npy; training does not look at them.

      --replay makes one record again, from its label and its source alone, writes both pictures as
      PNG, and tells whether the bytes are those of the record.
      """)

  @Argument(help: "The recipe, a YAML file.") var recipe: String?
  @Option(help: "A record to make again: its JSON file, or MANIFEST.json:NUMBER.")
  var replay: String?
  @Option(help: "The folder to write; made when it is missing.") var out: String
  @Flag(help: "Go on with a set that is there, even when its manifest.json is lost or damaged.")
  var resume = false
  @Flag(help: "Make no shard; fix the list of clean pictures in plan.json.") var plan = false
  @Option(help: "Make only these shards: '0..<50' (in quotes), 0...49, 7, or several with commas.")
  var shards: String?
  @Option(help: "A folder of clean pictures: PNG, JPEG, TIFF or WebP. May be given again.")
  var clean: [String] = []
  @Option(help: "A folder of depth maps, one for each --clean in the same order.")
  var depth: [String] = []
  @OptionGroup var depthOptions: DepthOptions
  @Option(help: "How many records, instead of the recipe's number.") var count: Int?
  @Option(help: "The seed of every draw, instead of the recipe's.") var seed: Int?
  @Option(help: "The side of a patch in pixels, instead of the recipe's.") var size: Int?
  @OptionGroup var workerOptions: WorkerOptions
  @Option(
    help: "Maps to store too: mask, transmission, radius, kernel, illumination, depth; by commas.")
  var planes: String?
  @Option(help: "The part of the clean pictures to use: train, validation or test.")
  var split = "train"

  func validate() throws {
    guard (recipe == nil) != (replay == nil) else {
      throw ValidationError("give a recipe, or a record with --replay")
    }
    guard !plan || shards == nil else {
      throw ValidationError("--plan makes no shards; give --shards when the plan is there")
    }
  }

  func run() throws {
    if let replay {
      return try ReplayedRecord(replay).write(to: out, folders: clean, depthFolders: depth)
    }
    guard let path = recipe else { return }
    let shards = try shards.map { try ShardList($0, place: "--shards") }
    StopSignal.watch()
    let synthesizer = try synthesizer(of: try recipe(reading: path))
    if plan {
      try writePlan(synthesizer)
    } else if let shards {
      try make(shards, synthesizer)
    } else {
      try makeAll(synthesizer)
    }
  }

  private func recipe(reading path: String) throws -> Recipe {
    var recipe = try Recipe(
      reading: path, overrides: try depthOptions.overrides(folders: depth))
    try recipe.override(folders: clean, count: count, seed: seed, size: size)
    if let planes {
      let names = planes.split(separator: ",").map(String.init)
      recipe.planes = try Plane.Kind.list(names, place: "--planes")
    }
    return recipe
  }

  private func synthesizer(of recipe: Recipe) throws -> Synthesizer {
    let split = try Split(named: split, place: "--split")
    let workers = try workerOptions.count()
    let scan = SharedProgress("pictures", unit: "pictures")
    // Who plans looks at the pictures as they are now.
    let present = plan ? nil : try SetPlan(in: out)
    return try Synthesizer(recipe, split: split, workers: workers, plan: present) { done, total in
      scan.update(done, of: total)
    }
  }

  private func writePlan(_ synthesizer: Synthesizer) throws {
    let plan = synthesizer.plan
    try plan.write(into: out)
    for one in plan.setAside { print("set aside: \(one.file) \(one.reason)") }
    let source = plan.pictures > 0 ? "\(plan.pictures) pictures" : "generated pictures"
    print(
      "\(out)/\(SetPlan.fileName): \(plan.records) records from \(source), "
        + "shards 0...\(plan.shards - 1)")
  }

  private func make(_ shards: ShardList, _ synthesizer: Synthesizer) throws {
    let bar = SharedProgress("records", unit: "records")
    let total = try synthesizer.records(in: shards)
    guard
      let made = try synthesizer.run(
        shards: shards, into: out, progress: { bar.update($0, of: total) })
    else { throw stoppedRun(keepingShardsIn: out) }
    print("\(out): shards \(made) are made")
    print("  'dcpt-data merge' finishes the set when all \(synthesizer.plan.shards) are")
  }

  private func makeAll(_ synthesizer: Synthesizer) throws {
    let bar = SharedProgress("records", unit: "records")
    let total = synthesizer.count
    guard
      let manifest = try synthesizer.run(
        into: out, resumes: resume, progress: { bar.update($0, of: total) })
    else { throw stoppedRun(keepingShardsIn: out) }
    SetReport(manifest, in: out).print()
  }
}
