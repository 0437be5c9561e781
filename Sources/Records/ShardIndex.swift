import Basics

/// The records of a shard by WebDataset's rules, found by walking the whole tar.
public struct ShardIndex: Sendable {
  /// One record: its members share the name up to the first dot of the last path component.
  public struct Entry: Sendable, Equatable {
    /// The common part of the names.
    public let key: String
    /// The members in file order; fields are lower-cased (`lq.npy`).
    public fileprivate(set) var members: [(field: String, member: TarMember)]

    /// The member of that field.
    public subscript(field: String) -> TarMember? {
      members.first { $0.field == field }?.member
    }

    /// The names of the fields in file order.
    public var fields: [String] { members.map(\.field) }

    /// Compares key, fields and places.
    public static func == (a: Entry, b: Entry) -> Bool {
      a.key == b.key
        && a.members.elementsEqual(b.members) { $0.field == $1.field && $0.member == $1.member }
    }
  }

  /// The complete records before any damage.
  public private(set) var records: [Entry] = []
  /// Whether the archive has its end mark.
  public private(set) var hasTrailer = false
  /// What broke the structure; nil for an intact shard.
  public private(set) var damage: ShardDamage?

  /// Indexes a shard's bytes; damage is kept in `damage`, not thrown.
  ///
  /// - Parameter fields: What a complete record has at least; nil takes the fields of the first for it.
  public init(scanning bytes: UnsafeRawBufferPointer, fields: [String]? = nil) {
    var scanner = TarScanner(bytes)
    var seen: Set<String> = []
    do throws(ShardDamage) {
      while let member = try scanner.nextMember() { try add(member, &seen) }
      // A file may be cut exactly behind a member, and then looks like an archive without end mark.
      if !scanner.hasTrailer, !isLastWhole(fields, orElse: true) {
        throw ShardDamage(.truncatedRecord, at: bytes.count)
      }
    } catch {
      damage = error
      keepRecords(before: error, fields)
    }
    hasTrailer = scanner.hasTrailer
  }

  /// Drops what the damage makes doubtful: a record short of a field must not be handed out.
  private mutating func keepRecords(before damage: ShardDamage, _ fields: [String]?) {
    switch damage.kind {
    case .fieldTwice, .keyComesBack: records = []
    case .bytesAfterEnd: break
    default:
      let broken = damage.member.flatMap { ShardIndex.split($0)?.key }
      if !isLastWhole(fields, orElse: false) || records.last?.key == broken {
        _ = records.popLast()
      }
    }
  }

  /// Whether the last record has the given fields, or those of the first; `orElse` when there is
  /// nothing to compare it with.
  private func isLastWhole(_ fields: [String]?, orElse unknown: Bool) -> Bool {
    let complete = fields ?? (records.count > 1 ? records[0].fields : [])
    guard !complete.isEmpty, let last = records.last?.fields else { return unknown }
    return complete.allSatisfy(last.contains)
  }

  private mutating func add(_ member: TarMember, _ seen: inout Set<String>) throws(ShardDamage) {
    guard let (key, field) = ShardIndex.split(member.name) else { return }
    if records.last?.key == key {
      let last = records.count - 1
      guard records[last][field] == nil else {
        throw ShardDamage(.fieldTwice, at: member.headerOffset, member: member.name)
      }
      records[last].members.append((field, member))
    } else {
      guard seen.insert(key).inserted else {
        throw ShardDamage(.keyComesBack, at: member.headerOffset, member: member.name)
      }
      records.append(Entry(key: key, members: [(field, member)]))
    }
  }

  /// Splits a member's name into key and field; nil for names that hold no data.
  static func split(_ name: String) -> (key: String, field: String)? {
    let file = name.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard !isMeta(name), !file.hasPrefix("."), let dot = file.firstIndex(of: ".") else {
      return nil
    }
    return (String(name[..<dot]), file[file.index(after: dot)...].lowercased())
  }

  /// Names like `__meta__` and `__meta__/x.json` describe the shard.
  private static func isMeta(_ name: String) -> Bool {
    guard let first = name.split(separator: "/", omittingEmptySubsequences: false).first else {
      return false
    }
    return first.hasPrefix("__") && first.hasSuffix("__") && first.count >= 4
  }
}
