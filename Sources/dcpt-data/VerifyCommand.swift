import ArgumentParser
import Basics
import Records
import Synthesis

/// Checks a data set.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks every byte of a data set.",
    discussion: """
      Compares the manifest's own digest, the SHA-256 of each shard, and the list SHA256SUMS with the
      files. What is damaged is named: the shard, and the record where the damage lies in one.
      Exit status 0 when everything is as it was written, otherwise 1.

      --quick looks at sizes, tar headers and counts only. --deep also looks at every record's label and
      checksums, and makes some records again from label and source to compare their bytes.

      Examples:
        dcpt-data verify runs/5d/manifest.json
        dcpt-data verify runs/5d/manifest.json --deep --sample 500 --clean ~/Pictures
        dcpt-data verify runs/5d/manifest.json --json > report.json
      """)

  @Argument(help: "The set's manifest.json.") var manifest: String
  @Flag(help: "Look at sizes, tar headers and counts only.") var quick = false
  @Flag(help: "Look at every record too, and make some again.") var deep = false
  @Option(help: "How many records --deep makes again.") var sample = 100
  @Option(help: "A folder of the clean pictures, for --deep. May be given again.")
  var clean: [String] = []
  @Option(help: "A folder of the depth maps, for --deep. May be given again.")
  var depth: [String] = []
  @OptionGroup var workerOptions: WorkerOptions
  @Flag(help: "Print a report for programs instead of text.") var json = false

  func validate() throws {
    guard !(quick && deep) else { throw ValidationError("give --quick or --deep, not both") }
    guard sample > 0 else { throw ValidationError("--sample must be at least 1, not \(sample)") }
  }

  func run() throws {
    var report = VerifyReport(manifest: manifest, level: level)
    do throws(Problem) {
      try look(&report)
    } catch {
      // A program reads the report, so it must say too that the manifest cannot be read.
      if json { print(report.unreadable(error).pretty, terminator: "") }
      throw error
    }
    print(json ? report.json.pretty : report.text, terminator: "")
    if !report.findings.isEmpty { throw report.problem }
  }

  private var level: String { quick ? "quick" : deep ? "deep" : "default" }

  private func look(_ report: inout VerifyReport) throws(Problem) {
    let workers = try workerOptions.count()
    let bar = SharedProgress("verify", unit: "MB")
    let check = try DataSetCheck(
      manifest: manifest, level: quick ? .quick : deep ? .records : .digests, workers: workers
    ) { done, total in
      let whole = total / 1_000_000 + 1
      bar.update(min(done / 1_000_000, whole - 1), of: whole)
    }
    bar.finish()
    report.check = check
    // Damaged records cannot be compared; they are named already.
    guard deep, check.findings.isEmpty else { return }
    let records = SharedProgress("made again", unit: "records")
    let total = min(sample, check.records)
    report.remade = try SampleCheck(
      manifest: manifest, count: sample, folders: clean, depthFolders: depth, workers: workers
    ) { records.update($0, of: total) }
  }
}
