import ArgumentParser
import Basics
import Records
import Synthesis

/// Writes records as plain folders.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes records as folders of PNG files, which BasicSR and any other loader read.",
    discussion: """
      Examples:
        dcpt-data export runs/5d/manifest.json --out folders/5d
        dcpt-data export runs/5d/manifest.json --out folders/haze --class haze --records '0..<5000'
        dcpt-data export runs/5d/manifest.json --out folders/5d --by-class --planes

      Writes lq/KEY.png and gt/KEY.png with the pixels of the records, labels.jsonl with a label a line,
      and meta_info.txt with a name and its sides a line, for BasicSR's PairedImageDataset:
        dataroot_gt: folders/5d/gt
        dataroot_lq: folders/5d/lq
        meta_info_file: folders/5d/meta_info.txt
        io_backend: {type: disk}

      --by-class makes such a folder for each class. Planes become planes/NAME/KEY.npy. The lists come
      last: where they are, every picture is. A run that was ended goes on when the same command is
      started again; a folder that holds other things is refused.
      """)

  @Argument(help: "The set's manifest.json.") var manifest: String
  @Option(help: "The folder to write; made when it is missing.") var out: String
  @Option(
    name: .customLong("class"), help: "A class to write; may be given again. All unless given.")
  var classes: [String] = []
  @Option(
    help: "Only these records: '0..<50' (in quotes), 0...49, 7, or several of these with commas.")
  var records: String?
  @Flag(help: "A folder for each class, with lq, gt and lists of its own.") var byClass = false
  @Flag(help: "Write the planes too that records have.") var planes = false
  @OptionGroup var workerOptions: WorkerOptions

  func run() throws {
    StopSignal.watch()
    let workers = try workerOptions.count()
    var settings = SetExport.Settings()
    (settings.classes, settings.isByClass, settings.hasPlanes) = (classes, byClass, planes)
    settings.records = try records.map {
      try ShardList($0, of: "records", place: "--records").ranges
    }
    let export = try SetExport(manifest: manifest, settings: settings)
    let bar = SharedProgress("records", unit: "records")
    let total = export.count
    guard
      let result = try export.run(
        into: out, workers: workers, progress: { bar.update($0, of: total) })
    else { throw stoppedRun("what is written stays in \(out)") }
    let kept = result.kept > 0 ? ", \(result.kept) of them were there" : ""
    print("\(out): \(result.records) pairs\(kept)")
  }
}
