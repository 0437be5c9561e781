import Basics

/// The list of a data set's digests, which `sha256sum -c` checks without this program.
public enum DataSetSums {
  /// The name of the file.
  public static let fileName = "SHA256SUMS"

  /// Writes the list for a manifest that is about to be written: its shards, their indexes, itself.
  public static func write(_ manifest: Manifest, in folder: String) throws(Problem) {
    let own = Digest.sha256(Array(manifest.json.pretty.utf8))
    try AtomicFile.write(try text(manifest, in: folder, own: own), to: folder + "/" + fileName)
  }

  /// The list of a set whose indexes are there, and whose manifest has the digest `own`.
  package static func text(_ manifest: Manifest, in folder: String, own: String) throws(Problem)
    -> String
  {
    var lines: [String] = []
    for shard in manifest.shards {
      let index = shard.indexFile
      lines.append("\(shard.sha256)  \(shard.file)\n")
      lines.append("\(try Digest.file(folder + "/" + index).sha256)  \(index)\n")
    }
    lines.append("\(own)  \(Manifest.fileName)\n")
    return lines.joined()
  }

  /// The digest that the list in a folder states for a file; nil without list or line.
  package static func digest(of name: String, in folder: String) -> String? {
    guard let content = try? readFile(folder + "/" + fileName),
      let text = String(validating: content, as: UTF8.self)
    else { return nil }
    let line = text.split(separator: "\n").first { $0.dropFirst(64) == "  " + name }
    return line.map { String($0.prefix(64)) }
  }
}

extension ShardEntry {
  /// The name of its index for DALI.
  package var indexFile: String {
    (file.hasSuffix(".tar") ? String(file.dropLast(".tar".count)) : file) + ".idx"
  }
}
