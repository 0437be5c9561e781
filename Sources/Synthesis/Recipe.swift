import Basics
import Degradations
import Images

/// What to synthesise: classes with their odds and severities, clean sources, sizes and the seed.
public struct Recipe: Sendable {
  /// How records are distributed over sources, classes and severities.
  public enum Sampling: String, Sendable, CaseIterable {
    /// Each record draws its own.
    case random
    /// Every source with every class at every level.
    case grid
  }

  /// Where a patch is cut from its source.
  public enum Crop: String, Sendable, CaseIterable {
    case random
    case centre
  }

  /// Where clean pictures come from.
  public enum CleanKind: String, Sendable, CaseIterable {
    case deadLeaves = "dead-leaves"
    case folder
  }

  /// One class's odds and severities.
  public struct ClassPlan: Sendable, Equatable {
    /// The class's name in the class set.
    public let name: String
    /// Its odds beside those of the others.
    public var weight: Double
    /// The bounds of a draw, or the levels to choose from.
    public var severities: [Double]
    /// Whether `severities` are levels and not bounds.
    public var areLevels: Bool
    /// Parameters that do not follow severity.
    public var set: [ParameterDraw] = []
    /// What the chain is made of; nil where the class's name says it.
    public var chain: ChainPlan?

    /// Every degradation that may come up.
    var degradations: [String] { chain?.names ?? ClassSet.degradations(of: name) }

    /// Those of the given parameters that a degradation has, in our form or in a published one.
    func set(for degradation: String, form: String?) -> [ParameterDraw] {
      let notes = try? DegradationCatalog.type(named: degradation, form: form).notes
      return set.filter { draw in notes?.parameters.contains { $0.name == draw.name } == true }
    }
  }

  /// The set's name.
  public var name: String
  /// The classes and their numbers.
  public let classSet: ClassSet
  /// The classes in use, in the order of their numbers.
  public var classes: [ClassPlan]
  /// The space in which physical events are computed.
  public var space: Image.Space
  /// The published set whose own operators are used, such as "cdd"; nil for ours.
  public var form: String?
  /// Who decides the order of the degradations of a chain.
  public var order: DegradationChain.Order
  /// The side of a patch in pixels.
  public var size: Int
  /// The number of records of a randomly sampled set.
  public var count: Int
  /// The seed of every draw.
  public var seed: Int
  /// How records are distributed.
  public var sampling: Sampling
  /// Where patches are cut.
  public var crop: Crop
  /// The bounds of the extra downscale of a source.
  public var scale: [Double]
  /// Whether patches may be mirrored.
  public var flips: Bool
  /// Whether patches may be turned by quarter turns.
  public var turns: Bool
  /// The largest share of patches that may be flat.
  public var flatShare: Double
  /// Whether gt is sharpened, and lq made from it.
  public var sharpensGT: Bool
  /// The kind of the clean sources.
  public var cleanKind: CleanKind
  /// The folders of clean pictures.
  public var folders: [String]
  /// Where the depth of photographs comes from.
  public var depth: DepthPlan
  /// The number of generated pictures in a split; 0 makes a new one for each record.
  public var pictures: Int
  /// What generated pictures show.
  public var leaves: DeadLeaves.Style
  /// The shares of the clean sources that the splits get, for folders that are not split already.
  public var shares: [Split: Double]
  /// The records of a full shard.
  public var recordsPerShard: Int
  /// The planes to store beside the pictures, where a record has them.
  public var planes: [Plane.Kind] = []
}

extension Recipe {
  /// The recipe with everything filled in, as the manifest keeps it.
  ///
  /// Folders stand in it by their last name only: the same pictures elsewhere make the same set.
  public var json: JSON {
    var json: JSON = [
      "name": .string(name), "classes": .string(classSet.name), "space": .string(space.rawValue),
      "gt_size": .integer(size), "sampling": .string(sampling.rawValue),
      "count": sampling == .grid ? .null : .integer(count), "seed": .integer(seed),
      "degradations": .object(classes.map { JSON.Member($0.name, $0.json) }),
      "clean": cleanJSON,
      "patch": [
        "crop": .string(crop.rawValue), "scale": .array(scale.map { .number($0) }),
        "use_hflip": .bool(flips), "use_rot": .bool(turns), "flat_share": .number(flatShare),
      ],
      "splits": .object(
        Split.allCases.map { JSON.Member($0.rawValue, .number(shares[$0] ?? 0)) }),
      "records_per_shard": .integer(recordsPerShard),
    ]
    if let form { json["form"] = .string(form) }
    if order != .formation { json["order"] = .string(order.rawValue) }
    if sharpensGT { json["gt_usm"] = true }
    if !planes.isEmpty { json["planes"] = .array(planes.map { .string($0.rawValue) }) }
    if let depth = depth.json { json["depth"] = depth }
    return json
  }
}

extension Recipe {
  private var cleanJSON: JSON {
    var json: JSON = ["kind": .string(cleanKind.rawValue)]
    switch cleanKind {
    case .folder: json["folders"] = .array(folders.map { .string(lastName(of: $0)) })
    case .deadLeaves:
      json["pictures"] = .integer(pictures)
      for member in leaves.json.object ?? [] { json[member.key] = member.value }
    }
    return json
  }
}

extension Recipe.ClassPlan {
  var json: JSON {
    var json: JSON = [
      areLevels ? "levels" : "severity": .array(severities.map { .number($0) }),
      "weight": .number(weight),
    ]
    for member in chain?.json.object ?? [] { json[member.key] = member.value }
    if !set.isEmpty { json["set"] = .object(set.map { .init($0.name, $0.json) }) }
    return json
  }
}

extension Recipe {
  /// What the ids of pictures call the folders: their last names, numbered where two are the same.
  var folderNames: [String] {
    folders.enumerated().map { number, folder in
      let last = lastName(of: folder)
      let isTaken = folders[..<number].contains { lastName(of: $0) == last }
      return isTaken ? "\(last)-\(number + 1)" : last
    }
  }
}

/// The last name of a path.
func lastName(of path: String) -> String {
  path.split(separator: "/").last { $0 != "." }.map(String.init) ?? path
}

extension Recipe {
  /// Replaces what a command line gives.
  ///
  /// - Throws: `Problem` naming the flag that does not fit.
  public mutating func override(folders: [String], count: Int?, seed: Int?, size: Int?)
    throws(Problem)
  {
    if !folders.isEmpty {
      (self.folders, cleanKind) = (folders, .folder)
    }
    if let count {
      guard sampling == .random else {
        throw Problem(
          "--count", "a grid has as many records as sources, classes and levels give",
          fix: "leave it out, or use a recipe with sampling: random")
      }
      guard count > 0 else { throw Problem("--count", "must be at least 1, not \(count)") }
      self.count = count
    }
    if let seed {
      guard seed >= 0 else { throw Problem("--seed", "must be at least 0, not \(seed)") }
      self.seed = seed
    }
    if let size {
      guard (16...4096).contains(size) else {
        throw Problem("--size", "must be from 16 to 4096, not \(size)")
      }
      self.size = size
    }
  }
}
