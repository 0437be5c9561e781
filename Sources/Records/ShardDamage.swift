import Basics

/// What breaks the structure of a shard, and where.
public struct ShardDamage: Error, Equatable, Sendable {
  /// The kinds of damage, under the names that reports use.
  public enum Kind: String, Sendable, CaseIterable {
    case headerChecksum = "header-checksum"
    case unreadableHeader = "unreadable-header"
    case truncatedHeader = "truncated-header"
    case truncatedMember = "truncated-member"
    case truncatedRecord = "truncated-record"
    case bytesAfterEnd = "bytes-after-end"
    case fieldTwice = "field-twice"
    case keyComesBack = "key-comes-back"
    case emptyFile = "empty-file"
  }

  /// What is wrong.
  public let kind: Kind
  /// The byte of the file where the damaged header, member or tail begins.
  public let offset: Int
  /// The member's name, where it could be read.
  public let member: String?

  /// Creates a finding.
  public init(_ kind: Kind, at offset: Int, member: String? = nil) {
    (self.kind, self.offset, self.member) = (kind, offset, member)
  }
}

extension ShardDamage {
  /// The damage in words.
  public var sentence: String {
    let name = member.map { "member '\($0)'" } ?? "a member"
    switch kind {
    case .headerChecksum: return "the tar header at byte \(offset) does not fit its checksum"
    case .unreadableHeader: return "the tar header at byte \(offset) cannot be understood"
    case .truncatedHeader: return "the file ends inside the tar header at byte \(offset)"
    case .truncatedMember: return "the file ends inside \(name) that begins at byte \(offset)"
    case .truncatedRecord: return "the file ends at byte \(offset), inside the last record"
    case .bytesAfterEnd: return "bytes follow the end of the archive at byte \(offset)"
    case .fieldTwice: return "\(name) at byte \(offset) is in its record for the second time"
    case .keyComesBack: return "\(name) at byte \(offset) belongs to a record that ended before"
    case .emptyFile: return "the file is empty"
    }
  }

  /// The problem to throw for the shard at `path`.
  public func problem(_ path: String) -> Problem {
    Problem(path, sentence, fix: "the shard is damaged: restore it or make the set again")
  }
}
