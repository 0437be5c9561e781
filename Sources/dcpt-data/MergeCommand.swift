import ArgumentParser
import Basics
import Records
import Synthesis

/// Finishes a set that was made in parts.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Finishes a set whose shards were made by several synth --shards.",
    discussion: """
      Checks every shard against the digest that was noted when it was made, and writes the manifest.
      Shards and manifest are the bytes that one synth on one machine writes. When shards are missing,
      damaged or still being made, it says which and writes no manifest.

      Examples:
        dcpt-data merge runs/5d
        dcpt-data merge part-a part-b part-c --out runs/5d

      Finished sets of different recipes are joined by repack.

      With several folders --out is where the set is finished; shards on the same file system are
      linked there, others copied. The parts are left as they are.
      """)

  @Argument(help: "The folders that synth --shards wrote.") var folders: [String]
  @Option(help: "The folder of the finished set; the one that is given unless there are several.")
  var out: String?
  @OptionGroup var workerOptions: WorkerOptions

  func validate() throws {
    guard out != nil || folders.count == 1 else {
      throw ValidationError("several folders need --out, where the set is finished")
    }
  }

  func run() throws {
    let workers = try workerOptions.count()
    let folder = out ?? folders[0]
    let merge = try ShardMerge(folders, into: folder)
    let bar = SharedProgress("merge", unit: "shards")
    let total = merge.plan.shards
    let manifest = try merge.run(workers: workers) { bar.update($0, of: total) }
    SetReport(manifest, in: folder).print()
  }
}
