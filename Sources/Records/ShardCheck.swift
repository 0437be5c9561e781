import Basics

/// Checks one shard against its line in the manifest: size, SHA-256, tar structure, checksums, labels.
public struct ShardCheck: Sendable {
  /// Something that is not as it should be.
  public struct Finding: Sendable, Equatable, CustomStringConvertible {
    /// The file's name in the data set's folder.
    public let file: String
    /// The record's key, when the damage lies in one.
    public let record: String?
    /// What is wrong, in words.
    public let what: String

    /// Creates a finding.
    public init(file: String, record: String?, what: String) {
      (self.file, self.record, self.what) = (file, record, what)
    }

    /// The file, the record and what is wrong, on one line.
    public var description: String {
      record.map { "\(file): record \($0): \(what)" } ?? "\(file): \(what)"
    }
  }

  /// What was found; empty for an intact shard.
  public private(set) var findings: [Finding] = []
  /// The SHA-256 of the file as it is; nil when it could not be read.
  public private(set) var sha256: String?
  /// The labels that could be read.
  public private(set) var labels: [RecordLabel] = []

  private let entry: ShardEntry
  private let manifest: Manifest

  /// Looks at a shard.
  ///
  /// - Parameter read: Called with the bytes of each piece of the file that is hashed.
  public init(
    _ entry: ShardEntry, of manifest: Manifest, in folder: String, level: CheckLevel = .records,
    read: (Int) -> Void = { _ in }
  ) {
    self.entry = entry
    self.manifest = manifest
    let path = folder + "/" + entry.file
    do throws(Problem) {
      if level == .quick {
        try checkHeaders(path)
      } else {
        try checkDigest(path, level, read)
      }
    } catch {
      report(nil, error.what)
    }
  }

  /// Compares the file's digest, and looks for the damage only when it is not the manifest's.
  private mutating func checkDigest(_ path: String, _ level: CheckLevel, _ read: (Int) -> Void)
    throws(Problem)
  {
    let found = try Digest.file(path, read: read)
    sha256 = found.sha256
    let isExact = found.sha256 == entry.sha256 && found.bytes == entry.bytes
    if isExact && level == .digests { return }
    let file = try MappedFile(path)
    check(file.bytes, isExact: isExact)
    withExtendedLifetime(file) {}
    guard found.sha256 != entry.sha256, found.bytes == entry.bytes else { return }
    let whereNot = findings.isEmpty ? "; no record is damaged" : ""
    report(nil, "has SHA-256 \(found.sha256), the manifest says \(entry.sha256)\(whereNot)")
  }

  /// Looks at the size, and at the headers of every member.
  private mutating func checkHeaders(_ path: String) throws(Problem) {
    let file = try MappedFile(path, expecting: entry.bytes)
    let fields = manifest.form.fields
    let index = ShardIndex(scanning: file.bytes, fields: fields)
    withExtendedLifetime(file) {}
    for (number, record) in index.records.enumerated() {
      let key = Record.key(entry.first + number)
      if record.key != key {
        report(key, "the record in its place calls itself '\(record.key)'")
      } else if !fields.allSatisfy(record.fields.contains) {
        report(key, "has the members \(record.fields), not \(fields)")
      }
    }
    if let damage = index.damage {
      report(nil, damage.sentence)
    } else if index.records.count != entry.records {
      report(nil, "holds \(index.records.count) records, the manifest says \(entry.records)")
    } else if !index.hasTrailer {
      report(nil, "the archive's end mark is missing")
    }
  }

  private mutating func check(_ bytes: UnsafeRawBufferPointer, isExact: Bool) {
    if bytes.count != entry.bytes {
      report(nil, "has \(bytes.count) bytes, the manifest says \(entry.bytes)")
    }
    if let stride = entry.stride {
      checkRegular(bytes, stride, isExact)
    } else {
      checkWalking(bytes, isExact)
    }
    checkCounts()
  }

  /// Records of equal size are looked at each by itself, so that one damaged header hides no other.
  private mutating func checkRegular(
    _ bytes: UnsafeRawBufferPointer, _ stride: Int, _ isExact: Bool
  ) {
    for number in 0..<entry.records {
      let key = Record.key(entry.first + number)
      let start = number * stride
      guard start + stride <= bytes.count else {
        report(key, "is cut off: the file ends at byte \(bytes.count)")
        break
      }
      let span = UnsafeRawBufferPointer(rebasing: bytes[start..<start + stride])
      let index = ShardIndex(scanning: span)
      if let damage = index.damage {
        report(key, damage.moved(by: start).sentence)
      } else if let record = index.records.first, index.records.count == 1 {
        check(record, key, bytes, start, isExact)
      } else {
        report(key, "no record of that key is at byte \(start)")
      }
    }
    checkEnd(bytes, from: entry.records * stride)
  }

  private mutating func checkWalking(_ bytes: UnsafeRawBufferPointer, _ isExact: Bool) {
    let index = ShardIndex(scanning: bytes, fields: manifest.form.fields)
    for (number, record) in index.records.enumerated() {
      check(record, Record.key(entry.first + number), bytes, 0, isExact)
    }
    if let damage = index.damage {
      let inRecord = damage.kind != .bytesAfterEnd && index.records.count < entry.records
      let next = inRecord ? Record.key(entry.first + index.records.count) : nil
      report(shortRecord(index) ?? next, damage.sentence)
    }
    guard let last = index.records.last?.members.last?.member else { return }
    checkEnd(bytes, from: last.dataOffset + TarHeader.padded(last.size))
  }

  /// The last record, when it lost a plane: it has the fields of every record, not those of its label.
  private func shortRecord(_ index: ShardIndex) -> String? {
    index.records.last.map(\.key).flatMap { key in
      findings.contains { $0.record == key } ? key : nil
    }
  }

  /// After the last record stand zeros, at least two blocks of them.
  private mutating func checkEnd(_ bytes: UnsafeRawBufferPointer, from end: Int) {
    guard end <= bytes.count else { return }
    if let place = bytes[end...].firstIndex(where: { $0 != 0 }) {
      report(nil, "bytes follow the last record at byte \(place)")
    } else if bytes.count < end + 2 * TarHeader.blockSize {
      report(nil, "the archive's end mark is missing")
    }
  }

  private mutating func check(
    _ record: ShardIndex.Entry, _ key: String, _ bytes: UnsafeRawBufferPointer, _ start: Int,
    _ isExact: Bool
  ) {
    guard record.key == key else {
      report(key, "the record at byte \(start) calls itself '\(record.key)'")
      return
    }
    // Bytes outside the members carry no meaning; they are compared only to say where damage lies.
    if !isExact { checkFrame(record, bytes, start) }
    let check = RecordCheck(record, bytes, start, manifest)
    check.faults.forEach { report(key, $0) }
    if let label = check.label { labels.append(label) }
  }

  private mutating func checkFrame(
    _ record: ShardIndex.Entry, _ bytes: UnsafeRawBufferPointer, _ start: Int
  ) {
    for (field, member) in record.members {
      let header = bytes[(start + member.headerOffset)...].prefix(TarHeader.blockSize)
      let expected = TarHeader.bytes(name: record.key + "." + field, size: member.size)
      if !header.elementsEqual(expected) {
        report(
          record.key,
          "the tar header of \(field) at byte \(start + member.headerOffset) was changed")
      }
      let end = start + member.dataOffset + member.size
      let padding = bytes[end...].prefix(TarHeader.padded(member.size) - member.size)
      if let place = padding.firstIndex(where: { $0 != 0 }) {
        report(record.key, "the padding after \(field) was changed at byte \(place)")
      }
    }
  }

  private mutating func checkCounts() {
    guard findings.isEmpty else { return }
    let found = manifest.classes.compactMap { name -> JSON.Member? in
      let n = labels.count { $0.className == name }
      return n > 0 ? JSON.Member(name, .integer(n)) : nil
    }
    if found != entry.classes {
      report(
        nil,
        "holds \(JSON.object(found).compact), the manifest says "
          + JSON.object(entry.classes).compact)
    }
  }

  private mutating func report(_ record: String?, _ what: String) {
    findings.append(Finding(file: entry.file, record: record, what: what))
  }
}

extension ShardDamage {
  fileprivate func moved(by start: Int) -> ShardDamage {
    ShardDamage(kind, at: offset + start, member: member)
  }
}
