import Basics

/// A shard that is mapped and whose members can be found by record number.
struct MappedShard: Sendable {
  let file: MappedFile
  let entry: ShardEntry
  private let places: Places

  private enum Places: Sendable {
    /// All records have the members of the first, `stride` bytes apart.
    case regular(ShardIndex.Entry, stride: Int)
    case listed([ShardIndex.Entry])
  }

  /// Maps a shard of the manifest in `folder`.
  init(_ entry: ShardEntry, in folder: String) throws(Problem) {
    self.entry = entry
    let path = folder + "/" + entry.file
    file = try MappedFile(path, expecting: entry.bytes)
    // With equal strides one record tells the places of all; else the whole shard is walked.
    let span = entry.records == 0 ? 0 : entry.stride ?? entry.bytes
    let index = ShardIndex(scanning: UnsafeRawBufferPointer(rebasing: file.bytes[..<span]))
    if let damage = index.damage, entry.records > 0 { throw damage.problem(path) }
    if let stride = entry.stride, let first = index.records.first, index.records.count == 1 {
      places = .regular(first, stride: stride)
    } else {
      guard index.records.count == entry.records else {
        throw Problem(
          path, "holds \(index.records.count) records, the manifest says \(entry.records)",
          fix: "the shard was replaced: restore it or make the set again")
      }
      places = .listed(index.records)
    }
  }

  /// Returns a member's bytes after checking the tar header in front of them.
  func member(_ number: Int, _ field: String) throws(Problem) -> (
    bytes: UnsafeRawBufferPointer, offset: Int
  ) {
    let key = Record.key(entry.first + number)
    guard let (member, base) = place(number, field) else {
      throw problem(key, field, "is missing")
    }
    let header = base + member.headerOffset
    let data = base + member.dataOffset
    let block = UnsafeRawBufferPointer(rebasing: file.bytes[header..<header + TarHeader.blockSize])
    guard TarHeader.isIntact(block), TarHeader.name(block) == key + "." + field,
      TarHeader.size(block) == member.size
    else { throw problem(key, field, "at byte \(header): the tar header is not this member's") }
    return (UnsafeRawBufferPointer(rebasing: file.bytes[data..<data + member.size]), data)
  }

  private func place(_ number: Int, _ field: String) -> (TarMember, Int)? {
    switch places {
    case .regular(let first, let stride): first[field].map { ($0, number * stride) }
    case .listed(let entries): entries[number][field].map { ($0, 0) }
    }
  }

  /// A problem that names shard, record and member.
  func problem(_ key: String, _ field: String, _ what: String) -> Problem {
    Problem(
      file.path, "record \(key), member \(field) \(what)",
      fix: "run 'dcpt-data verify' on the set's manifest; restore the shard or make the set again")
  }
}
