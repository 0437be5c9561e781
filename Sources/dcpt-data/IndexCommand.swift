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
      The indices are an export: nothing here reads them, and a set is complete without.

      Examples:
        dcpt-data index runs/5d/manifest.json
        dcpt-data index others/shard-000000.tar
      """)

  @Argument(help: "The set's manifest.json, or shards of any origin.") var files: [String]

  func run() throws {
    for file in files {
      guard !file.hasSuffix(".tar") else {
        try write(file)
        continue
      }
      let manifest = try Manifest(reading: file)
      for shard in manifest.shards { try write(Manifest.folder(of: file) + "/" + shard.file) }
      print("\(file): \(manifest.shards.count) indices")
    }
  }

  private func write(_ path: String) throws(Problem) {
    let shard = try MappedFile(path)
    let index = ShardIndex(scanning: shard.bytes)
    if let damage = index.damage { throw damage.problem(path) }
    try AtomicFile.write(index.daliIndex, to: path.dropLast(4) + ".idx")
  }
}
