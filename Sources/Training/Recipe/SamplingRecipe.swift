import Basics
import Recipes

extension TrainingRecipe {
  /// Which records a run sees, in which order, and what becomes of damaged ones.
  public struct Sampling: Sendable, Equatable {
    /// The share of the classes in what is drawn.
    public enum ClassWeights: Sendable, Equatable {
      /// As in the set, each record once an epoch.
      case asStored
      /// The same for every class.
      case balanced
      /// As given; classes that are not named get none.
      case given([String: Double])
    }

    /// What happens when a record is damaged.
    public enum BadRecords: String, Sendable, CaseIterable {
      /// The run ends with a message that names the record.
      case stop
      /// Another record takes its place; the log counts it.
      case skip
      /// It is made again in memory, where the data are `MendedPairs`; the log counts it.
      case repair
    }

    /// Where the pictures are that a set was made from, for records that are made again.
    public struct Originals: Sendable, Equatable {
      /// The folders of the clean pictures; empty for those that the set's own recipe names.
      public var clean: [String] = []
      /// The folders of the depth maps, likewise.
      public var depth: [String] = []

      /// Leaves it to the set's own recipe.
      public init() {}
    }

    /// A set of a mixture.
    public struct Part: Sendable, Equatable {
      /// Its manifest.
      public let manifest: String
      /// Its share; only the ratio to the others counts.
      public let weight: Double
      /// Where the pictures are that it was made from.
      public var originals = Originals()
    }

    /// The sets that are mixed; empty when there is one, which `Patches` names.
    public var mixture: [Part] = []
    /// Shards in a pool of the shuffle; 0 shuffles the whole set.
    public var pool = 0
    /// The share of the classes.
    public var classWeights = ClassWeights.asStored
    /// Whether the records that do not fill a last batch are left out of an epoch; else that batch is short.
    public var dropsLast = true
    /// What becomes of damaged records.
    public var badRecords = BadRecords.stop
    /// Where the pictures are that the set was made from, when there is one set.
    public var originals = Originals()

    /// Every record once an epoch, shuffled over the whole set; damage ends the run.
    public init() {}
  }
}

extension TrainingRecipe.Sampling {
  /// Reads the keys that the training set of a recipe may leave out; one that has none of them keeps its digest.
  init(_ section: RecipeSection, manifest: String?) throws(Problem) {
    if section.mayHave("bad_records") { badRecords = try section.choice("bad_records") }
    if section.mayHave("mix") {
      guard manifest == nil else {
        throw section.problem(
          "mix", "does not go with 'manifest' (--data)", fix: "leave one of the two out")
      }
      mixture = try TrainingRecipe.Sampling.mixture(section, badRecords)
    }
    if section.mayHave("shuffle_shards") {
      pool = try section.integer("shuffle_shards", in: 0...1_000_000)
    }
    if section.mayHave("class_weights") {
      classWeights = try TrainingRecipe.Sampling.classWeights(section)
    }
    if section.mayHave("drop_last") { dropsLast = try section.flag("drop_last", default: true) }
    originals = try Originals(section, badRecords)
    if originals != Originals(), !mixture.isEmpty {
      throw section.problem(
        "mix", "has several sets, whose pictures 'clean' and 'depth' cannot name together",
        fix: "give each set its own: '- {manifest: FILE, clean: [FOLDER]}'")
    }
    guard pool == 0 || classWeights == .asStored else {
      throw section.problem(
        "shuffle_shards", "does not go with 'class_weights', which draws from all shards",
        fix: "leave one of the two out")
    }
  }

  private static func mixture(_ section: RecipeSection, _ badRecords: BadRecords) throws(Problem)
    -> [Part]
  {
    var parts: [Part] = []
    for part in try section.sections("mix") {
      parts.append(
        Part(
          manifest: try part.text("manifest"),
          weight: try part.number("weight", default: 1, in: 1e-6...1e6),
          originals: try Originals(part, badRecords)))
    }
    guard !parts.isEmpty else {
      throw section.problem("mix", "is empty", fix: "give '- {manifest: FILE, weight: 1}'")
    }
    return parts
  }

  private static func classWeights(_ section: RecipeSection) throws(Problem) -> ClassWeights {
    let json = try section.json("class_weights")
    if json.string == "balanced" { return .balanced }
    var weights: [String: Double] = [:]
    for member in json.object ?? [] {
      guard let weight = member.value.double, (0...1e6).contains(weight) else {
        throw section.problem(
          "class_weights",
          "gives '\(member.key)' the weight \(member.value.compact), not a number from 0 to 1e6")
      }
      weights[member.key] = weight
    }
    guard weights.values.contains(where: { $0 > 0 }) else {
      throw section.problem(
        "class_weights", "is \(json.compact), which gives no class a weight",
        fix: "write 'balanced', or for example {haze: 2, snow: 1}")
    }
    return .given(weights)
  }
}

extension TrainingRecipe.Sampling.Originals {
  /// Reads where the pictures of a set are, which only repairing asks for.
  init(_ section: RecipeSection, _ badRecords: TrainingRecipe.Sampling.BadRecords) throws(Problem) {
    for key in ["clean", "depth"] where section.mayHave(key) {
      guard badRecords == .repair else {
        throw section.problem(
          key, "is given, but no record is to be made again from it",
          fix: "add 'bad_records: repair' to datasets.train, or leave it out")
      }
      let folders = try section.texts(key)
      if key == "clean" { clean = folders } else { depth = folders }
    }
  }
}
