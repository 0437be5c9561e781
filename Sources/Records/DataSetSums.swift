import Basics

/// The list of a data set's digests, which `sha256sum -c` checks without this program.
public enum DataSetSums {
  /// The name of the file.
  public static let fileName = "SHA256SUMS"

  /// Writes the list for a manifest that is about to be written: its shards, their indexes, itself.
  public static func write(_ manifest: Manifest, in folder: String) throws(Problem) {
    var lines: [String] = []
    for shard in manifest.shards {
      let index = shard.file.dropLast(".tar".count) + ".idx"
      lines.append("\(shard.sha256)  \(shard.file)\n")
      lines.append("\(Digest.sha256(try readFile(folder + "/" + index)))  \(index)\n")
    }
    let own = Digest.sha256(Array(manifest.json.pretty.utf8))
    lines.append("\(own)  \(Manifest.fileName)\n")
    try AtomicFile.write(lines.joined(), to: folder + "/" + fileName)
  }
}
