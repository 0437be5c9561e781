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
    }

    /// A set of a mixture.
    public struct Part: Sendable, Equatable {
      /// Its manifest.
      public let manifest: String
      /// Its share; only the ratio to the others counts.
      public let weight: Double
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

    /// Every record once an epoch, shuffled over the whole set; damage ends the run.
    public init() {}
  }
}

extension TrainingRecipe.Sampling {
  /// Reads the keys that the training set of a recipe may leave out; one that has none of them keeps its digest.
  init(_ section: RecipeSection, manifest: String?) throws(Problem) {
    if section.mayHave("mix") {
      guard manifest == nil else {
        throw section.problem(
          "mix", "does not go with 'manifest' (--data)", fix: "leave one of the two out")
      }
      mixture = try TrainingRecipe.Sampling.mixture(section)
    }
    if section.mayHave("shuffle_shards") {
      pool = try section.integer("shuffle_shards", in: 0...1_000_000)
    }
    if section.mayHave("class_weights") {
      classWeights = try TrainingRecipe.Sampling.classWeights(section)
    }
    if section.mayHave("drop_last") { dropsLast = try section.flag("drop_last", default: true) }
    if section.mayHave("bad_records") { badRecords = try section.choice("bad_records") }
    guard pool == 0 || classWeights == .asStored else {
      throw section.problem(
        "shuffle_shards", "does not go with 'class_weights', which draws from all shards",
        fix: "leave one of the two out")
    }
  }

  private static func mixture(_ section: RecipeSection) throws(Problem) -> [Part] {
    var parts: [Part] = []
    for part in try section.sections("mix") {
      parts.append(
        Part(
          manifest: try part.text("manifest"),
          weight: try part.number("weight", default: 1, in: 1e-6...1e6)))
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
