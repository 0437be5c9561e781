import Basics

/// Some of a set's shards, or of its records, as numbers: `0..<50`, `0...49`, `7`, or several of these with commas.
public struct ShardList: Sendable, Equatable {
  /// The numbers in rising order, without those that touch: what can be joined is joined.
  public let ranges: [Range<Int>]

  /// Every shard of a set.
  init(all count: Int) { self.init(0..<count) }

  /// One range.
  init(_ range: Range<Int>) { ranges = range.isEmpty ? [] : [range] }

  /// The list of single numbers.
  init(_ numbers: some Sequence<Int>) { self.init(joining: numbers.map { $0..<$0 + 1 }) }

  private init(joining parts: [Range<Int>]) {
    ranges = parts.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, next in
      if let last = joined.last, next.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, next.upperBound)
      } else {
        joined.append(next)
      }
    }
  }

  /// Reads a list.
  ///
  /// - Parameter things: What the numbers are of, for the message; records are listed likewise.
  /// - Throws: `Problem` at `place` with the part that is no number or range.
  public init(_ text: String, of things: String = "shards", place: String) throws(Problem) {
    var parts: [Range<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let range = ShardList.range(part) else {
        throw Problem(
          place, "'\(part)' is no range of \(things)",
          fix: "write '0..<50' (in quotes), 0...49, 7, or several of these with commas")
      }
      parts.append(range)
    }
    self.init(joining: parts)
  }

  private static func range(_ text: Substring) -> Range<Int>? {
    func number(_ text: some StringProtocol) -> Int? {
      text.count <= 9 && text.allSatisfy { ("0"..."9").contains($0) } ? Int(text) : nil
    }
    let text = text.filter { $0 != " " }
    for (mark, isClosed) in [("..<", false), ("...", true)] {
      let ends = text.split(separator: mark, maxSplits: 1, omittingEmptySubsequences: false)
      guard ends.count == 2 else { continue }
      guard let first = number(ends[0]), let last = number(ends[1]) else { return nil }
      let end = isClosed ? last + 1 : last
      return first < end ? first..<end : nil
    }
    return number(text).map { $0..<$0 + 1 }
  }

  /// The shards of the list that a set of `count` has; the last part of many may reach beyond.
  ///
  /// - Throws: `Problem` at `place` when it has none of a range.
  func clamped(to count: Int, place: String, of unit: String = "shard") throws(Problem)
    -> ShardList
  {
    if let outside = ranges.first(where: { $0.lowerBound >= count }) {
      throw Problem(
        place, "there is no \(unit) \(outside.lowerBound): the set has \(count)",
        fix: "the last is \(count - 1)")
    }
    return ShardList(joining: ranges.map { $0.clamped(to: 0..<count) })
  }

  /// The single numbers in rising order.
  var numbers: [Int] { ranges.flatMap { Array($0) } }
}

extension ShardList: CustomStringConvertible {
  /// The list in the form that is read, without what a shell would take for its own.
  public var description: String {
    ranges.map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)...\(range.upperBound - 1)"
    }.joined(separator: ",")
  }
}
