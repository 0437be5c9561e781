import Basics

extension ShardIndex {
  /// The shard's index for NVIDIA DALI's `readers.webdataset`, version 1.2, as its `wds2idx` writes it.
  public var daliIndex: String {
    let lines = records.map { record in
      record.members.map { _, member in
        // DALI compares the fields as they are spelt in the file.
        let field = member.name.dropFirst(record.key.count + 1)
        return "\(field) \(member.dataOffset) \(member.size) \(member.name)"
      }.joined(separator: " ")
    }
    return (["v1.2 \(lines.count)"] + lines).joined(separator: "\n") + "\n"
  }

  /// Writes the index of a shard beside it, as `.idx`.
  ///
  /// - Throws: `Problem` when the shard is damaged, or the file cannot be written.
  public static func exportDALI(besideShard path: String) throws(Problem) {
    let shard = try MappedFile(path)
    let index = ShardIndex(scanning: shard.bytes)
    if let damage = index.damage { throw damage.problem(path) }
    let stem = path.hasSuffix(".tar") ? String(path.dropLast(".tar".count)) : path
    try AtomicFile.write(index.daliIndex, to: stem + ".idx")
  }
}
