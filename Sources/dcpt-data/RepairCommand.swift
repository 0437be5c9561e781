import ArgumentParser
import Basics
import Records
import Synthesis

/// Makes the damaged shards of a data set again.
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Makes the damaged and missing shards of a data set again.",
    discussion: """
      The manifest and the clean pictures are all that is needed: it holds the recipe, the seed and
      the digests of the pictures. A shard that is made again replaces the damaged one only when it has
      the SHA-256 that the manifest states, bit for bit; otherwise nothing is changed. Intact shards
      are not touched. Indexes and SHA256SUMS are restored too. A damaged manifest is made again by
      running the same synth command.

      A set that was merged, filtered or sampled by repack, or holds imported pairs as PNG, is mended from the
      sets that it was repacked from, which --from gives. PNG files come out as other bytes where zlib or libpng
      is of another version; that their pixels are the same is proven all the same. Then nothing is changed
      unless --accept-pixels is given, which writes a new manifest: the set gets another dataset_id.

      Examples:
        dcpt-data repair runs/5d/manifest.json
        dcpt-data repair runs/5d/manifest.json --clean ~/Pictures
        dcpt-data repair runs/rain/manifest.json --from runs/5d/manifest.json
      """)

  @Argument(help: "The set's manifest.json.") var manifest: String
  @Option(help: "A folder of the clean pictures; several in the order that synth was given.")
  var clean: [String] = []
  @Option(help: "A folder of the depth maps, one for each --clean in the same order.")
  var depth: [String] = []
  @Option(help: "The manifest of a set that this one was repacked from. May be given again.")
  var from: [String] = []
  @Flag(help: "Take PNG files of the same pixels whose bytes differ; changes the manifest.")
  var acceptPixels = false
  @OptionGroup var workerOptions: WorkerOptions

  func run() throws {
    let repair = try SetRepair(
      manifest: manifest, workers: try workerOptions.count(), acceptsPixels: acceptPixels)
    StopSignal.watch()
    let scan = SharedProgress("verify", unit: "MB")
    let damaged = try repair.damagedShards { done, total in
      let whole = total / 1_000_000 + 1
      scan.update(min(done / 1_000_000, whole - 1), of: whole)
    }
    scan.finish()
    try checkNotStopped()
    let total = damaged.reduce(0) { $0 + repair.manifest.shards[$1].records }
    let bar = SharedProgress("records", unit: "records")
    let result = try repair.restore(
      damaged, folders: clean, depthFolders: depth, parents: from
    ) { bar.update($0, of: total) }
    for name in result.restored { print("restored: \(name)") }
    report(result, was: repair.manifest.datasetID)
    try checkNotStopped()
    for failure in result.failures { standardError("\(failure)\n") }
    guard result.failures.isEmpty else {
      throw Problem(
        manifest, "\(result.failures.count) of \(damaged.count) damaged shards are still damaged")
    }
    let intact = repair.manifest.shards.count - damaged.count
    let files = result.restored.count + result.accepted.count
    print("\(manifest): \(files) files restored, \(intact) shards were intact")
  }

  /// Says what is no longer as it was written.
  private func report(_ result: SetRepair.Result, was old: String) {
    guard !result.accepted.isEmpty else { return }
    for name in result.accepted { print("the same pixels, other bytes: \(name)") }
    print("ATTENTION: the manifest was written anew, the dataset_id has changed")
    print("  from \(old)\n  to   \(result.datasetID)")
  }

  private func checkNotStopped() throws {
    if StopSignal.number != nil { throw stoppedRun("what is restored stays") }
  }
}
