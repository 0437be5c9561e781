import ArgumentParser
import Basics
import Records
import Synthesis

/// Makes shards of a data set of real pairs.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes shards of a data set of real pairs: GoPro, LOL, RESIDE, your own folders.",
    discussion: """
      Examples:
        dcpt-data import datasets/layouts/gopro.yaml ~/GoPro --tile 256 --overlap 32 --out runs/gopro
        dcpt-data import datasets/layouts/lol-v1.yaml ~/LOL --split test --classes 5d --out runs/lol
        dcpt-data import --lq night --gt day --class low-light --out runs/night

      A layout says where a set's pictures lie and which lq belongs to which gt. What has no partner, has
      another size than it, or cannot be read is set aside and listed, never dropped in silence. Pictures
      are stored whole unless --tile is given, so records may have different sizes.

      Labels have an empty chain: nobody knows the parameters of real pictures. --classes gives them the
      class numbers of a class set (3d, 5d, 10d ...), so that they train and test beside made ones.
      """)

  @Argument(help: "The layout file, and the folder of the set; not with --lq and --gt.")
  var layout: [String] = []
  @Option(help: "A folder of degraded pictures, instead of a layout.") var lq: String?
  @Option(help: "The folder of their clean twins, of the same names.") var gt: String?
  @Option(name: .customLong("class"), help: "The class of --lq.") var className: String?
  @Option(help: "The folder to write; made when it is missing.") var out: String
  @Option(help: "The part of the set: train, validation or test.") var split = "train"
  @Option(help: "The class set whose numbers labels take.") var classes: String?
  @Option(help: "Cuts pictures into tiles of this side.") var tile: Int?
  @Option(help: "By how many pixels tiles overlap at least.") var overlap = 0
  @Option(help: "Records in a shard.") var recordsPerShard = 64
  @OptionGroup var workerOptions: WorkerOptions

  func validate() throws {
    let isFolders = lq != nil && gt != nil && className != nil && layout.isEmpty
    let isLayout = lq == nil && gt == nil && className == nil && layout.count == 2
    guard isFolders || isLayout else {
      throw ValidationError("give a layout and a folder, or --lq, --gt and --class")
    }
  }

  func run() throws {
    StopSignal.watch()
    let importer = try importer(try settings())
    let bar = SharedProgress("records", unit: "records")
    let total = importer.count
    guard let manifest = try importer.run(into: out, progress: { bar.update($0, of: total) }) else {
      throw stoppedRun(keepingShardsIn: out)
    }
    SetReport(manifest, in: out).print()
  }

  private func settings() throws -> PairImporter.Settings {
    var settings = PairImporter.Settings()
    if let tile, tile < 16 { throw Problem("--tile", "must be at least 16, not \(tile)") }
    guard overlap >= 0, overlap < tile ?? 1 else {
      throw Problem("--overlap", "must be at least 0 and less than --tile, not \(overlap)")
    }
    guard recordsPerShard > 0 else {
      throw Problem("--records-per-shard", "must be at least 1, not \(recordsPerShard)")
    }
    (settings.tile, settings.overlap) = (tile, overlap)
    settings.recordsPerShard = recordsPerShard
    return settings
  }

  private func importer(_ settings: PairImporter.Settings) throws -> PairImporter {
    let split = try Split(named: split, place: "--split")
    let workers = try workerOptions.count()
    let scan = SharedProgress("pairs", unit: "pairs")
    let progress: @Sendable (Int, Int) -> Void = { scan.update($0, of: $1) }
    if let lq, let gt, let className {
      return try PairImporter(
        lq: lq, gt: gt, class: className, split: split, classSet: classes, settings: settings,
        workers: workers, progress: progress)
    }
    return try PairImporter(
      try PairLayout(reading: layout[0]), split: split, in: layout[1], classSet: classes,
      settings: settings, workers: workers, progress: progress)
  }
}
