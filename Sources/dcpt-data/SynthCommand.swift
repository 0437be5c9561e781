import ArgumentParser
import Basics
import Degradations
import Foundation
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
      ended goes on with its finished shards when it is started again.

      --planes stores what a record's label stands for as further members where it has them, such as
      KEY.haze-transmission.npy or KEY.inpainting-mask.npy; training does not look at them.

      --replay makes one record again, from its label and its source alone, writes both pictures as
      PNG, and tells whether the bytes are those of the record.
      """)

  @Argument(help: "The recipe, a YAML file.") var recipe: String?
  @Option(help: "A record to make again: its JSON file, or MANIFEST.json:NUMBER.")
  var replay: String?
  @Option(help: "The folder to write; made when it is missing.") var out: String
  @Option(help: "A folder of clean pictures: PNG, JPEG, TIFF or WebP. May be given again.")
  var clean: [String] = []
  @Option(help: "A folder of depth maps, one for each --clean in the same order.")
  var depth: [String] = []
  @OptionGroup var depthOptions: DepthOptions
  @Option(help: "How many records, instead of the recipe's number.") var count: Int?
  @Option(help: "The seed of every draw, instead of the recipe's.") var seed: Int?
  @Option(help: "The side of a patch in pixels, instead of the recipe's.") var size: Int?
  @Option(help: "How many threads; one for each core unless given.") var workers: Int?
  @Option(
    help: "Maps to store too: mask, transmission, radius, kernel, illumination, depth; by commas.")
  var planes: String?
  @Option(help: "The part of the clean pictures to use: train, validation or test.")
  var split = "train"

  func validate() throws {
    guard (recipe == nil) != (replay == nil) else {
      throw ValidationError("give a recipe, or a record with --replay")
    }
  }

  func run() throws {
    if let replay {
      return try ReplayedRecord(replay).write(to: out, folders: clean, depthFolders: depth)
    }
    guard let path = self.recipe else { return }
    var recipe = try Recipe(
      reading: path, overrides: try depthOptions.overrides(folders: depth))
    try recipe.override(folders: clean, count: count, seed: seed, size: size)
    if let planes {
      let names = planes.split(separator: ",").map(String.init)
      recipe.planes = try Plane.Kind.list(names, place: "--planes")
    }
    let split = try Split(named: split, place: "--split")
    let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    guard workers > 0 else { throw Problem("--workers", "must be at least 1, not \(workers)") }
    StopSignal.watch()
    let scan = SharedProgress("pictures", unit: "pictures")
    let synthesizer = try Synthesizer(recipe, split: split, workers: workers) { done, total in
      scan.update(done, of: total)
    }
    let bar = SharedProgress("records", unit: "records")
    let total = synthesizer.count
    let manifest = try synthesizer.run(into: out) { bar.update($0, of: total) }
    guard let manifest else {
      standardError("\nstopped: finished shards are kept in \(out); the same command goes on\n")
      throw ExitCode(128 + (StopSignal.number ?? SIGINT))
    }
    report(manifest)
  }

  private func report(_ manifest: Manifest) {
    for one in manifest.setAside { print("set aside: \(one.file) \(one.reason)") }
    let bytes = manifest.shards.reduce(0) { $0 + $1.bytes }
    print(
      "\(out)/\(Manifest.fileName): \(manifest.records) records in \(manifest.shards.count) shards,"
    )
    print("  \(bytes / 1_000_000) MB, split \(manifest.split), dataset_id \(manifest.datasetID)")
  }
}
