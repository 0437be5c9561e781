import Basics
import Records

/// Which records of some sets, joined in their order, a repacked set has.
public struct RepackSelection: Sendable, Equatable {
  /// How records are picked from those of the classes.
  public enum Pick: Sendable, Equatable {
    /// All of them.
    case all
    /// Those at these places, counted from 0.
    case places(ShardList)
    /// The first, and every n-th after it.
    case every(Int)
    /// So many, drawn without repeats, in their order.
    case sample(Int, seed: UInt64)
  }

  /// The classes whose records are taken; nil for all.
  public let classes: [String]?
  /// The choice among them.
  public let pick: Pick

  /// Every record.
  public static let all = RepackSelection(classes: nil, pick: .all)

  /// Creates a selection.
  public init(classes: [String]?, pick: Pick) { (self.classes, self.pick) = (classes, pick) }

  /// The places that are picked of `count`, rising; nil for all.
  ///
  /// - Throws: `Problem` when there are not as many.
  func places(of count: Int) throws(Problem) -> [Int]? {
    switch pick {
    case .all: return nil
    case .places(let list):
      // The end of a list may reach beyond, as that of shards may.
      return try list.clamped(to: count, place: "--records", of: "record").numbers
    case .every(let step): return Array(stride(from: 0, to: count, by: step))
    case .sample(let wanted, let seed):
      guard wanted <= count else {
        throw Problem("--sample", "\(wanted) records are wanted, there are \(count)")
      }
      let order = IndexPermutation(count: count, seed: seed, epoch: 0)
      return (0..<wanted).map { order[$0] }.sorted()
    }
  }
}

extension RepackSelection {
  /// What a manifest's recipe says of it.
  var json: JSON {
    var json: JSON = [
      "classes": classes.map { .array($0.map { .string($0) }) } ?? .null
    ]
    switch pick {
    case .all: json["pick"] = "all"
    case .places(let list): json["pick"] = ["records": .string("\(list)")]
    case .every(let step): json["pick"] = ["every": .integer(step)]
    case .sample(let count, let seed):
      json["pick"] = [
        "sample": .integer(count), "seed": .integer(Int(truncatingIfNeeded: seed)),
      ]
    }
    return json
  }

  /// Reads what a manifest says.
  ///
  /// - Throws: `Problem` at `place` when it is of no known kind.
  init(_ json: JSON, place: String) throws(Problem) {
    classes = json["classes"]?.array?.compactMap(\.string)
    let pick = json["pick"] ?? .null
    if pick == "all" {
      self.pick = .all
    } else if let text = pick["records"]?.string {
      self.pick = .places(try ShardList(text, of: "records", place: place))
    } else if let step = pick["every"]?.integer, step > 0 {
      self.pick = .every(step)
    } else if let count = pick["sample"]?.integer, let seed = pick["seed"]?.integer, count > 0 {
      self.pick = .sample(count, seed: UInt64(bitPattern: Int64(seed)))
    } else {
      throw Problem(
        place, "was repacked in a way that is not known: \(pick.compact)",
        fix: "use the version of dcpt that wrote it")
    }
  }
}
