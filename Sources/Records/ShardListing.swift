import Basics

/// The records of a shard with the places, sizes and checksums of their members.
public struct ShardListing {
  /// Where the records lie, and what damage ends them.
  public let index: ShardIndex
  private let bytes: UnsafeRawBufferPointer

  /// Walks a shard's bytes, which must outlive the listing.
  public init(_ bytes: UnsafeRawBufferPointer) {
    (self.bytes, index) = (bytes, ShardIndex(scanning: bytes))
  }

  /// A line for each member.
  public var text: String {
    var lines = ["\(index.records.count) records, \(bytes.count) bytes"]
    for record in index.records {
      lines.append(record.key)
      for (field, member) in record.members {
        lines.append(
          "  \(field): \(member.size) bytes at \(member.dataOffset), CRC-32C \(sum(member))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same for programs.
  public var json: JSON {
    let records = index.records.map { record -> JSON in
      let fields = record.members.map { field, member in
        JSON.Member(
          field,
          [
            "offset": .integer(member.dataOffset), "size": .integer(member.size),
            "crc32c": .string(sum(member)),
          ])
      }
      return ["key": .string(record.key), "fields": .object(fields)]
    }
    let damage = index.damage.map { damage -> JSON in
      ["kind": .string(damage.kind.rawValue), "offset": .integer(damage.offset)]
    }
    return [
      "bytes": .integer(bytes.count), "trailer": .bool(index.hasTrailer),
      "damage": damage ?? .null, "records": .array(records),
    ]
  }

  private func sum(_ member: TarMember) -> String {
    let data = bytes[member.dataOffset..<member.dataOffset + member.size]
    return Checksum.text(Checksum.crc32c(UnsafeRawBufferPointer(rebasing: data)))
  }
}
