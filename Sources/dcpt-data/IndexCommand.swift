import ArgumentParser
import Basics
import Records

/// Exports the indices that NVIDIA DALI reads shards through.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Writes DALI's index beside every shard.",
    discussion: """
      Writes shard-000000.idx beside shard-000000.tar and so on, version 1.2, as NVIDIA's wds2idx does.
      Sets that were made here have theirs; this makes them for shards of others, or again.

      Examples:
        dcpt-data index runs/5d/manifest.json
        dcpt-data index others/shard-000000.tar
      """)

  @Argument(help: "The set's manifest.json, or shards of any origin.") var files: [String]

  func run() throws {
    for file in files {
      guard !file.hasSuffix(".tar") else {
        try ShardIndex.exportDALI(besideShard: file)
        continue
      }
      let manifest = try Manifest(reading: file)
      for shard in manifest.shards {
        try ShardIndex.exportDALI(besideShard: Manifest.folder(of: file) + "/" + shard.file)
      }
      print("\(file): \(manifest.shards.count) indices")
    }
  }
}
