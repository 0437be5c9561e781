import Basics
import Degradations

/// What record number `index` will be: its number decides everything, so any worker can make it.
struct RecordPlan: Sendable, Equatable {
  let index: Int
  let className: String
  let classNumber: Int
  /// Name and severity of each degradation.
  let ops: [Op]
  /// Parameters that the recipe gives, whatever the severity.
  let settings: [JSON.Member]
  /// The number of its clean source.
  let source: Int
  /// The number that decides crop and depth: records of a grid share the patch of their source.
  let patch: Int

  struct Op: Sendable, Equatable {
    let name: String
    let severity: Double
  }
}

/// Plans the records of a set.
struct RecordPlanner: Sendable {
  /// The streams of a record that the plan draws from.
  private static let stream: UInt32 = 1
  private static let settingsStream: UInt32 = 2

  let recipe: Recipe
  let split: Split
  let source: CleanSource
  /// The classes' shares of 2^64, added up.
  private let odds: [UInt64]
  private let grid: [(plan: Recipe.ClassPlan, level: Double)]

  init(_ recipe: Recipe, _ split: Split, _ source: CleanSource) {
    (self.recipe, self.split, self.source) = (recipe, split, source)
    let total = recipe.classes.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    odds = recipe.classes.map {
      sum += $0.weight / total
      return sum >= 1 ? .max : UInt64(sum * 0x1p64)
    }
    grid = recipe.classes.flatMap { plan in plan.severities.map { (plan, $0) } }
  }

  /// The number of records in the set.
  var count: Int { recipe.sampling == .grid ? source.count * grid.count : recipe.count }

  subscript(index: Int) -> RecordPlan {
    if recipe.sampling == .grid {
      let (plan, level) = grid[index % grid.count]
      let ops = ClassSet.degradations(of: plan.name).map {
        RecordPlan.Op(name: $0, severity: level)
      }
      let number = index / grid.count
      return record(index, plan, ops, source: number, patch: number)
    }
    var random = RandomStream(
      seed: UInt64(recipe.seed), index: split.drawIndex(index), stream: RecordPlanner.stream)
    let plan = recipe.classes[classPlace(index)]
    let ops = ClassSet.degradations(of: plan.name).map {
      RecordPlan.Op(name: $0, severity: RecordPlanner.severity(plan, &random))
    }
    // A generated picture of its own for each record needs no draw.
    let ownPicture = recipe.cleanKind == .deadLeaves && recipe.pictures == 0
    return record(
      index, plan, ops, source: ownPicture ? index : source.draw(&random), patch: index)
  }

  private func record(
    _ index: Int, _ plan: Recipe.ClassPlan, _ ops: [RecordPlan.Op], source: Int, patch: Int
  ) -> RecordPlan {
    var random = RandomStream(
      seed: UInt64(recipe.seed), index: split.drawIndex(index),
      stream: RecordPlanner.settingsStream)
    return RecordPlan(
      index: index, className: plan.name,
      classNumber: recipe.classSet.classes.firstIndex(of: plan.name) ?? 0, ops: ops,
      settings: plan.set.map { $0.drawn(&random) }, source: source, patch: patch)
  }

  /// The class's place in the recipe: multiples of the golden ratio spread over the odds, so that any
  /// run of records has the classes in their proportions.
  private func classPlace(_ index: Int) -> Int {
    let place = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    return odds.firstIndex { place < $0 } ?? odds.count - 1
  }

  /// Severities have three decimals, which labels and people can read.
  private static func severity(_ plan: Recipe.ClassPlan, _ random: inout RandomStream) -> Double {
    guard !plan.areLevels else {
      return plan.severities[random.integer(below: plan.severities.count)]
    }
    let value = random.uniform(plan.severities[0], plan.severities[1])
    return (value * 1000).rounded() / 1000
  }
}
