import Basics
import Degradations
import Records

/// Everything that decides the bytes of a set, fixed before a shard is made: the resolved recipe, the
/// program, the pictures in use with their digests, and those set aside.
///
/// In a folder's `plan.json` it tells the same to every job of a set that is made in parts. Whoever
/// reads it looks at no picture that its records do not need.
public struct SetPlan: Sendable {
  /// The name of the file in a data set's folder.
  public static let fileName = "plan.json"

  /// A clean picture, or where to find it.
  struct Source: Sendable {
    /// What the manifest says of it.
    let entry: Manifest.Source
    /// The place of its folder among those of the recipe.
    let folder: Int
    let depthBits: Int
    let isJPEG: Bool
    /// The path of its depth map below the depth folder of the same place.
    let depthFile: String?
  }

  /// `train`, `validation` or `test`.
  let split: String
  /// Name and version of the program, with its codec libraries.
  let tool: JSON
  /// The recipe with every default filled in.
  let recipe: JSON
  /// The class names in the order of their numbers.
  let classes: [String]
  /// The count of records in the set.
  public let records: Int
  /// The records of a full shard.
  let recordsPerShard: Int
  /// The clean pictures; empty for generated ones.
  let sources: [Source]
  /// The clean pictures that could not be used.
  public let setAside: [Manifest.SetAside]

  /// The count of clean pictures; 0 for generated ones.
  public var pictures: Int { sources.count }
  /// The count of shards in the set.
  public var shards: Int { (records + recordsPerShard - 1) / recordsPerShard }

  /// The records of shard number `shard`.
  func numbers(of shard: Int) -> Range<Int> {
    let first = shard * recordsPerShard
    return first..<min(first + recordsPerShard, records)
  }

  /// The digest of everything that decides the bytes of the shards.
  var identity: String {
    SetPlan.identity(
      recipe: recipe, split: split, tool: tool, sources: sources.map(\.entry))
  }

  /// The digest of everything that decided the bytes of a manifest's shards.
  ///
  /// A set that was repacked keeps the recipe it was made by, but its shards are not those that the
  /// recipe makes.
  static func identity(of manifest: Manifest) -> String {
    let identity = identity(
      recipe: manifest.recipe, split: manifest.split, tool: manifest.tool,
      sources: manifest.sources)
    guard let size = manifest.recipe["records_per_shard"]?.integer else { return identity }
    let isAsMade =
      manifest.form == .raw
      && manifest.shards.enumerated().allSatisfy { number, shard in
        shard.first == number * size && shard.records == min(size, manifest.records - shard.first)
      }
    return isAsMade ? identity : identity + " repacked"
  }

  /// The digest of what decides bytes; what decides nothing, as a picture's size, is left out.
  static func identity(
    recipe: JSON, split: String, tool: JSON, sources: [Manifest.Source]
  ) -> String {
    let lines = sources.map { source in
      let notes = source.channels.members.map(\.key)
      let depth = source.depth.map { [$0.sha256] } ?? []
      return JSON.string(([source.id, source.sha256] + notes + depth).joined(separator: " "))
    }
    let whole: JSON = [
      "recipe": recipe, "split": .string(split), "tool": tool, "sources": .array(lines),
    ]
    return Digest.sha256(Array(whole.canonical.utf8))
  }

  /// The manifest of the finished set.
  func manifest(_ shards: [ShardEntry], textSize: Int) -> Manifest {
    Manifest(
      name: recipe["name"]?.string ?? "", split: split, tool: tool, recipe: recipe,
      seed: UInt64(recipe["seed"]?.integer ?? 0), classes: classes, recordTextSize: textSize,
      sources: sources.map(\.entry), setAside: setAside, shards: shards)
  }
}

extension SetPlan: SetDescription {
  var adviceWhenLocked: String { ShardLocks.advice + ", or make other shards with --shards" }

  /// The plan of a recipe and the pictures that were found for it.
  init(_ recipe: Recipe, _ split: Split, _ source: CleanSource, records: Int) {
    (self.split, tool, self.recipe) = (split.rawValue, Provenance.tool, recipe.json)
    (classes, self.records) = (recipe.classSet.classes, records)
    recordsPerShard = recipe.recordsPerShard
    (sources, setAside) = (source.planned, source.setAside)
  }

  /// Checks that this is the plan of what a command asks for.
  ///
  /// - Throws: `Problem` naming the first thing that differs, with both values.
  func check(_ wanted: Recipe, _ split: Split, place: String) throws(Problem) {
    try compare("the split", .string(self.split), .string(split.rawValue), place)
    // Codecs decide pixels: another libjpeg may decode the same file to others.
    try compare("the program", tool, Provenance.tool, place)
    for member in wanted.json.object ?? [] {
      try compare("'\(member.key)'", recipe[member.key] ?? .null, member.value, place)
    }
    for member in recipe.object ?? [] where wanted.json[member.key] == nil {
      try compare("'\(member.key)'", member.value, .null, place)
    }
  }

  private func compare(_ what: String, _ planned: JSON, _ wanted: JSON, _ place: String)
    throws(Problem)
  {
    guard planned.canonical != wanted.canonical else { return }
    throw Problem(
      place, "\(what) was planned as \(planned.compact) and is now \(wanted.compact)",
      fix: "give the recipe and flags of the plan, or remove the plan and make it anew with --plan")
  }

  /// Writes the plan into a folder, which is made when it is missing.
  ///
  /// - Throws: `Problem` when another plan or another set is there, or it cannot be written.
  public func write(into folder: String) throws(Problem) {
    if let present = try SetPlan(in: folder), present.json != json {
      throw Problem(
        folder + "/" + SetPlan.fileName, "is there and is another plan",
        fix: "remove it to plan anew, with the shards that were made by it")
    }
    try createFolder(folder)
    let draft = try Draft(folder, plan: self, shards: ShardList(all: shards))
    try draft.write(self)
    draft.leave()
  }
}
