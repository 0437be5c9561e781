import ArgumentParser
import Basics
import Records
import Synthesis

/// Writes finished sets in another form, in other shards, in part or together.
struct RepackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repack",
    abstract: "Writes finished sets anew: as PNG or arrays, in other shards, in part, joined.",
    discussion: """
      Labels and where the pictures come from are kept. PNG files hold the same pixels in about half the bytes
      and are decoded whenever a record is read: for shipping and keeping, not for training. The manifest has
      the digest of each shard's raw form, so going back proves that it gives the original bytes.

      Several sets are joined in the order given, their classes by name. With --class, --records, --every or
      --sample the new set has a part of the records; the last three count those that --class leaves. Records get
      new numbers then, their labels say in 'origin' which record of which set they are, and the manifest's
      recipe names the sets. (merge is another thing: it finishes one set whose shards were made in parts.)

      A run that was ended goes on when the same command is started again.

      Examples:
        dcpt-data repack runs/5d/manifest.json --form png --out ship/5d
        dcpt-data repack ship/5d/manifest.json --form raw --out runs/5d
        dcpt-data repack runs/5d/manifest.json --records-per-shard 512 --out runs/5d-large
        dcpt-data repack runs/5d/manifest.json runs/gopro/manifest.json --out runs/both
        dcpt-data repack runs/5d/manifest.json --class haze --class rain-streak --out runs/weather
        dcpt-data repack runs/5d/manifest.json --sample 1000 --seed 1 --out runs/tiny
      """)

  @Argument(help: "The manifest.json of each set.") var manifests: [String]
  @Option(help: "The folder to write; made when it is missing.") var out: String
  @Option(help: "The form of the pictures: raw or png; that of the first set unless given.")
  var form: PictureForm?
  @Option(help: "How hard PNG files are packed, 0 to 9; as before, or 3.") var level: Int?
  @Option(
    help: "Records in a shard; the shards of a set that is taken whole are kept unless given.")
  var recordsPerShard: Int?
  @Option(name: .customLong("class"), help: "Take the records of this class. May be given again.")
  var classNames: [String] = []
  @Option(help: "Take these records: '0..<50' (in quotes), 0...49, 7, or several with commas.")
  var records: String?
  @Option(help: "Take the first record and every N-th after it.") var every: Int?
  @Option(help: "Take so many records, drawn by --seed.") var sample: Int?
  @Option(help: "The seed of --sample.") var seed: UInt64 = 0
  @OptionGroup var workerOptions: WorkerOptions

  func validate() throws {
    let picks = [records != nil, every != nil, sample != nil].count { $0 }
    guard picks <= 1 else {
      throw ValidationError("give one of --records, --every and --sample")
    }
  }

  func run() throws {
    let workers = try workerOptions.count()
    let settings = try settings()
    StopSignal.watch()
    let scan = SharedProgress("labels", unit: "labels")
    let repacker = try Repacker(manifests, settings, workers: workers) { scan.update($0, of: $1) }
    let bar = SharedProgress("records", unit: "records")
    let total = repacker.count
    guard let manifest = try repacker.run(into: out, progress: { bar.update($0, of: total) })
    else { throw stoppedRun(keepingShardsIn: out) }
    SetReport(manifest, in: out).print()
  }

  private func settings() throws(Problem) -> Repacker.Settings {
    if let level, !(0...9).contains(level) {
      throw Problem("--level", "must be 0 to 9, not \(level)")
    }
    if let recordsPerShard, !(1...100_000).contains(recordsPerShard) {
      throw Problem("--records-per-shard", "must be 1 to 100000, not \(recordsPerShard)")
    }
    var settings = Repacker.Settings()
    (settings.form, settings.level, settings.recordsPerShard) = (form, level, recordsPerShard)
    settings.selection = RepackSelection(
      classes: classNames.isEmpty ? nil : classNames, pick: try pick())
    return settings
  }

  private func pick() throws(Problem) -> RepackSelection.Pick {
    if let records {
      return .places(try ShardList(records, of: "records", place: "--records"))
    }
    for (flag, value) in [("--every", every), ("--sample", sample)] {
      if let value, value < 1 { throw Problem(flag, "must be at least 1, not \(value)") }
    }
    if let every { return .every(every) }
    return sample.map { .sample($0, seed: seed) } ?? .all
  }
}

extension PictureForm: ExpressibleByArgument {}
