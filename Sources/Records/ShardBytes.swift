import Basics

/// The bytes of a shard in their order, with what its manifest says about them.
///
/// Nothing is kept of them but their digest, so a shard can be digested in a form that is not written.
struct ShardBytes {
  private let digest = Digest()
  private var size = 0
  private var records = 0
  private var firstSize = 0
  /// The members of each kind of record; one kind means one stride.
  private var layouts: Set<[MemberLayout]> = []

  /// Returns the bytes of the next record.
  mutating func next(_ record: Record) -> [UInt8] {
    var block: [UInt8] = []
    block.reserveCapacity(record.members.reduce(0) { $0 + $1.bytes.count + 1024 })
    for (name, bytes) in record.members {
      let file = record.key + "." + name
      block += TarHeader.bytes(name: file, size: bytes.count)
      block += bytes
      block += [UInt8](repeating: 0, count: TarHeader.padded(bytes.count) - bytes.count)
    }
    layouts.insert(record.members.map { MemberLayout(field: $0.name, size: $0.bytes.count) })
    if records == 0 { firstSize = block.count }
    records += 1
    count(block)
    return block
  }

  /// Returns the bytes that end the archive, and what came of all; nothing may follow.
  mutating func end() -> (bytes: [UInt8], result: ShardWriter.Result) {
    let unit = TarHeader.archiveUnit
    let end = (size + 2 * TarHeader.blockSize + unit - 1) / unit * unit
    let bytes = [UInt8](repeating: 0, count: end - size)
    count(bytes)
    let result = ShardWriter.Result(
      bytes: size, records: records, sha256: digest.finish(),
      stride: layouts.count == 1 ? firstSize : nil)
    return (bytes, result)
  }

  private mutating func count(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { digest.update($0) }
    size += bytes.count
  }
}

/// What one member of a record looks like from outside.
struct MemberLayout: Hashable {
  let field: String
  let size: Int
}
