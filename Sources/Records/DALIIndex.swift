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
}
