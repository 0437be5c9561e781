import Basics

/// A shard's line in the manifest.
public struct ShardEntry: Sendable, Equatable {
  /// The file's name in the data set's folder.
  public let file: String
  /// The file's size.
  public let bytes: Int
  /// The count of its records.
  public let records: Int
  /// The number of its first record.
  public let first: Int
  /// The file's SHA-256 in hexadecimal.
  public let sha256: String
  /// The count of records of each class that occurs, in the order of the class numbers.
  public let classes: [JSON.Member]
  /// The bytes of one record when the members of all have the same sizes.
  public let stride: Int?

  /// The line of a shard that was just written.
  public init(file: String, first: Int, classes: [JSON.Member], result: ShardWriter.Result) {
    (self.file, self.first, self.classes) = (file, first, classes)
    (bytes, records) = (result.bytes, result.records)
    (sha256, stride) = (result.sha256, result.stride)
  }

  /// The line of a shard as it lies on the disk; what it holds is not checked.
  ///
  /// - Throws: `Problem` when it cannot be read.
  public init(inspecting path: String, first: Int, records: Int, classes: [JSON.Member])
    throws(Problem)
  {
    let content = try MappedFile(path)
    let digest = Digest()
    digest.update(content.bytes)
    file = path.split(separator: "/").last.map(String.init) ?? path
    (bytes, self.records, self.first) = (content.bytes.count, records, first)
    (sha256, self.classes) = (digest.finish(), classes)
    let found = ShardIndex(scanning: content.bytes).records
    let layouts = Set(
      found.map { $0.members.map { MemberLayout(field: $0.field, size: $0.member.size) } })
    let ends = found.prefix(2).map { $0.members.first?.member.headerOffset ?? 0 }
    let only = (found.first?.members.last?.member).map { $0.dataOffset + TarHeader.padded($0.size) }
    stride = layouts.count != 1 ? nil : ends.count == 2 ? ends[1] : only
  }

  /// Counts of the classes that occur among class numbers, in the order of the numbers.
  public static func counts(of numbers: some Sequence<Int>, classes: [String]) -> [JSON.Member] {
    var counts: [Int: Int] = [:]
    for number in numbers { counts[number, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map {
      JSON.Member(classes[$0.key], .integer($0.value))
    }
  }

  /// The name of shard number `number`.
  public static func fileName(_ number: Int) -> String {
    let digits = String(number)
    return "shard-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".tar"
  }

  var json: JSON {
    [
      "file": .string(file), "bytes": .integer(bytes), "records": .integer(records),
      "first": .integer(first), "sha256": .string(sha256), "classes": .object(classes),
      "stride": stride.map { .integer($0) } ?? .null,
    ]
  }
}

extension ShardEntry {
  init(_ reader: KeyReader) throws(Problem) {
    file = try reader.string("file")
    bytes = try reader.integer("bytes")
    records = try reader.integer("records")
    first = try reader.integer("first")
    sha256 = try reader.string("sha256")
    classes = try reader.object("classes")
    stride = reader.json["stride"]?.integer
    // Also keeps products and sums of hostile numbers from overflowing.
    let isSane = [bytes, records, first, stride ?? 1].allSatisfy {
      (0..<1 << 30).contains($0 >> 20)
    }
    // A record has a header at least, and a name stands for a file of the folder and no other.
    let isName =
      file != "" && file != "." && file != ".." && file.utf8.allSatisfy { $0 > 31 && $0 != 47 }
    guard isSane, isName, (stride ?? 1) > 0,
      records == 0 || (stride ?? TarHeader.blockSize) <= bytes / records
    else { throw Problem(reader.place, "the numbers of shard '\(file)' do not fit each other") }
  }
}
