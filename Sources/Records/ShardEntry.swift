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
  /// Of a shard of PNG files, the same shard with arrays instead: what proves its pixels.
  public var raw: Raw?
  /// Of a shard of PNG files that was written otherwise than those of its set.
  public var png: PNGSettings?

  /// A shard in the raw form, which need not be there.
  public struct Raw: Sendable, Equatable {
    /// The size that the file would have.
    public let bytes: Int
    /// The SHA-256 that the file would have, in hexadecimal.
    public let sha256: String

    /// Creates one.
    public init(bytes: Int, sha256: String) { (self.bytes, self.sha256) = (bytes, sha256) }
  }

  /// The shard in the raw form: itself, unless it is of PNG files.
  package var rawForm: Raw { raw ?? Raw(bytes: bytes, sha256: sha256) }

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

  /// The line as a manifest holds it.
  package var json: JSON {
    var json: JSON = [
      "file": .string(file), "bytes": .integer(bytes), "records": .integer(records),
      "first": .integer(first), "sha256": .string(sha256), "classes": .object(classes),
      "stride": stride.map { .integer($0) } ?? .null,
    ]
    if let raw { json["raw"] = ["bytes": .integer(raw.bytes), "sha256": .string(raw.sha256)] }
    if let png { json["png"] = png.json }
    return json
  }
}

extension ShardEntry {
  /// Reads a line.
  ///
  /// - Throws: `Problem` at `place` naming the key at fault.
  package init(_ json: JSON, place: String) throws(Problem) {
    try self.init(KeyReader(json: json, place: place))
  }

  init(_ reader: KeyReader) throws(Problem) {
    file = try reader.string("file")
    bytes = try reader.integer("bytes")
    records = try reader.integer("records")
    first = try reader.integer("first")
    sha256 = try reader.string("sha256")
    classes = try reader.object("classes")
    stride = reader.json["stride"]?.integer
    raw = try reader.json["raw"].map { json throws(Problem) in
      let reader = KeyReader(json: json, place: reader.place + ".raw")
      return Raw(bytes: try reader.integer("bytes"), sha256: try reader.string("sha256"))
    }
    png = try reader.json["png"].map { json throws(Problem) in
      try PNGSettings(KeyReader(json: json, place: reader.place + ".png"))
    }
    // Also keeps products and sums of hostile numbers from overflowing.
    let isSane = [bytes, records, first, stride ?? 1, raw?.bytes ?? 0].allSatisfy {
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
