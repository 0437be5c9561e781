import ArgumentParser
import Basics
import Records
import Synthesis

/// Makes shards of a data set of real pairs.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract:
      "Makes shards of real pairs: GoPro, LOL, RESIDE, your own folders, LMDB, others' tars.",
    discussion: """
      Examples:
        dcpt-data import datasets/layouts/gopro.yaml ~/GoPro --tile 256 --overlap 32 --out runs/gopro
        dcpt-data import datasets/layouts/lol-v1.yaml ~/LOL --split test --classes 5d --out runs/lol
        dcpt-data import --lq night --gt day --class low-light --out runs/night
        dcpt-data import --lq hazy.lmdb --gt clear.lmdb --class haze --out runs/hazy
        dcpt-data import --tars 'theirs/*.tar' --lq-field lq.png --gt-field gt.png \\
          --class-field json:label --classes haze,rain-streak,snow --out runs/theirs

      A layout says where a set's pictures lie and which lq belongs to which gt. Without one, --lq and
      --gt are two folders, or two LMDB databases as BasicSR writes them, whose pictures have the same
      names (extensions apart); databases are only read, not locked. --tars takes shards in WebDataset's
      form, from webdataset, Hugging Face or by hand: PNG, JPEG, TIFF, WebP, or .npy of uint8 [h, w, 3].

      What has no partner, has another size than it, lacks a field or cannot be read is set aside and
      listed, never dropped in silence; a tar or database that is damaged is refused with the place.
      Pictures are stored whole unless --tile is given, so records may have different sizes.

      Labels have an empty chain: nobody knows the parameters of real pictures. They name the files with
      their SHA-256, the .json beside pictures in tars too. --classes gives them the class numbers of a
      class set (3d, 5d, 10d ...), so that they train and test beside made ones, or says what the numbers
      of --class-field mean, from 0 on.

      A run that was ended at any moment goes on with its finished shards when it is started again, and
      makes those again that are missing or damaged.
      """)

  @Argument(help: "The layout file, and the folder of the set; not with --lq or --tars.")
  var layout: [String] = []
  @Option(help: "A folder or LMDB database of degraded pictures, instead of a layout.")
  var lq: String?
  @Option(help: "That of their clean twins, of the same names.") var gt: String?
  @OptionGroup var tarOptions: TarOptions
  @Option(name: .customLong("class"), help: "The class of all of --lq or --tars.")
  var className: String?
  @Option(help: "The folder to write; made when it is missing.") var out: String
  @Flag(help: "Go on with a set that is there, even when its manifest.json is lost or damaged.")
  var resume = false
  @Option(help: "The part of the set: train, validation or test.") var split = "train"
  @Option(help: "A class set whose numbers labels take, or class names with commas.")
  var classes: String?
  @Option(help: "Cuts pictures into tiles of this side.") var tile: Int?
  @Option(help: "By how many pixels tiles overlap at least.") var overlap = 0
  @Option(help: "Records in a shard.") var recordsPerShard = 64
  @OptionGroup var workerOptions: WorkerOptions

  func validate() throws {
    let isTars = !tarOptions.tars.isEmpty && tarOptions.lqField != nil && tarOptions.gtField != nil
    let hasOneClass = (className != nil) != (tarOptions.classField != nil)
    let ways = [
      layout.count == 2 && lq == nil && gt == nil && className == nil && !tarOptions.areGiven,
      lq != nil && gt != nil && className != nil && layout.isEmpty && !tarOptions.areGiven,
      isTars && hasOneClass && lq == nil && gt == nil && layout.isEmpty,
    ]
    guard ways.contains(true) else {
      throw ValidationError(
        "give a layout and a folder; or --lq, --gt and --class; or --tars, --lq-field, --gt-field "
          + "and one of --class and --class-field")
    }
  }

  func run() throws {
    StopSignal.watch()
    let importer = try importer(try settings())
    let bar = SharedProgress("records", unit: "records")
    let total = importer.count
    guard
      let manifest = try importer.run(
        into: out, resumes: resume, progress: { bar.update($0, of: total) })
    else { throw stoppedRun(keepingShardsIn: out) }
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
    if let fields = try tarOptions.fields(class: className) {
      return try PairImporter(
        tars: tarOptions.tars, fields: fields, split: split, classSet: classes, settings: settings,
        workers: workers, progress: progress)
    }
    return try PairImporter(
      try PairLayout(reading: layout[0]), split: split, in: layout[1], classSet: classes,
      settings: settings, workers: workers, progress: progress)
  }
}
