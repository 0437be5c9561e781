import Basics
import Glibc

/// What a shard still holds of a record that fails its checks: it tells whether one made again is the same.
public struct RecordRemains {
  private let index: Int
  private let entry: ShardEntry
  private let file: MappedFile

  /// Looks for a record in the shard that the manifest has it in.
  ///
  /// - Throws: `Problem` when the shard cannot be read, or is not as large as the manifest says.
  public init(of index: Int, _ manifest: Manifest, in folder: String) throws(Problem) {
    guard let entry = manifest.shards.last(where: { $0.first <= index }) else {
      throw Problem(folder, "has no record \(index)")
    }
    (self.index, self.entry) = (index, entry)
    file = try MappedFile(folder + "/" + entry.file, expecting: entry.bytes)
  }

  /// Says what speaks against a record that was made again; nil when the remains prove it.
  ///
  /// A label that fits its own CRC-32C must be the same bytes; since it states the CRC-32C of every other member,
  /// these are then proven too. Beside a damaged label one of the other members must be the same bytes, and the
  /// class one that the manifest counts in the shard: what the damaged members held is then known by the recipe
  /// alone. Where no member is left, nothing is proven.
  public func objection(to made: Record) -> String? {
    var isMet = false
    for (member, place) in zip(made.members, places(of: made)) {
      guard let place else { continue }
      let stored = UnsafeRawBufferPointer(rebasing: file.bytes[place])
      let isSame = stored.elementsEqual(member.bytes)
      if member.name == Record.textField {
        guard RecordText.isIntact(stored) else { continue }
        return isSame ? nil : "has another label than the one that is stored intact"
      }
      isMet = isMet || isSame
    }
    guard isMet else { return "has nothing to be compared with, since no member of it is left" }
    return classObjection(made)
  }

  private func classObjection(_ made: Record) -> String? {
    guard let text = made.members.first(where: { $0.name == Record.textField })?.bytes,
      let label = try? RecordLabel(parsing: text, place: made.key)
    else { return "has no label" }
    return entry.classes.contains { $0.key == label.className }
      ? nil : "is of class '\(label.className)', of which its shard has none"
  }

  /// Where the content of each member must lie; nil for those that cannot be found.
  private func places(of made: Record) -> [Range<Int>?] {
    guard let stride = entry.stride else {
      return made.members.map { place(behindHeaderOf: made.key + "." + $0.name, $0.bytes.count) }
    }
    // Not by the headers, any of which may be the damaged one.
    let start = (index - entry.first) * stride
    var end = start
    let places = made.members.map { member in
      let data = end + TarHeader.blockSize
      end = data + TarHeader.padded(member.bytes.count)
      return data..<data + member.bytes.count
    }
    return end == start + stride ? places : made.members.map { _ in nil }
  }

  /// The content of a member in a shard whose records differ in size: behind the very header it was written with.
  private func place(behindHeaderOf name: String, _ size: Int) -> Range<Int>? {
    let header = TarHeader.bytes(name: name, size: size)
    let last = file.bytes.count - TarHeader.blockSize - TarHeader.padded(size)
    guard last >= 0, let base = file.bytes.baseAddress else { return nil }
    for start in Swift.stride(from: 0, through: last, by: TarHeader.blockSize)
    where memcmp(base + start, header, header.count) == 0 {
      let data = start + TarHeader.blockSize
      return data..<data + size
    }
    return nil
  }
}
