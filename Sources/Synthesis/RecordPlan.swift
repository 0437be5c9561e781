import Basics
import Degradations

/// What record number `index` will be: its number decides everything, so any worker can make it.
struct RecordPlan: Sendable, Equatable {
  let index: Int
  /// The index of the random streams of its degradations.
  let draw: UInt64
  let className: String
  let classNumber: Int
  /// The degradations, as listed.
  let ops: [Op]
  /// The number of its clean source.
  let source: Int
  /// The number that decides crop and depth: records of a grid share the patch of their source.
  let patch: Int

  struct Op: Sendable, Equatable {
    let name: String
    let severity: Double
    /// Parameters that the recipe gives, whatever the severity.
    var settings: [JSON.Member] = []
  }
}

/// Plans the records of a set.
struct RecordPlanner: Sendable {
  /// The streams of a record that the plan draws from.
  private static let stream: UInt32 = 1
  private static let settingsStream: UInt32 = 2
  private static let chainStream: UInt32 = 3

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

  /// The plan of record `index`; another attempt at it draws everything but the crop anew.
  subscript(index: Int, attempt attempt: Int = 0) -> RecordPlan {
    // Records have thirty bits, splits begin at bit 48.
    let draw = split.drawIndex(index) | UInt64(attempt) << 32
    if recipe.sampling == .grid {
      let (plan, level) = grid[index % grid.count]
      let number = index / grid.count
      let ops = ops(draw, plan) { _ in level }
      return record(index, draw, plan, ops, source: number, patch: number)
    }
    var random = RandomStream(
      seed: UInt64(recipe.seed), index: draw, stream: RecordPlanner.stream)
    let plan = recipe.classes[classPlace(index)]
    let ops = ops(draw, plan) { option in
      option.severities.map { RecordPlanner.severity($0, option.areLevels, &random) }
        ?? RecordPlanner.severity(plan.severities, plan.areLevels, &random)
    }
    // A generated picture of its own for each record needs no draw.
    let ownPicture = recipe.cleanKind == .deadLeaves && recipe.pictures == 0
    return record(
      index, draw, plan, ops, source: ownPicture ? index : source.draw(&random), patch: index)
  }

  private func record(
    _ index: Int, _ draw: UInt64, _ plan: Recipe.ClassPlan, _ ops: [RecordPlan.Op], source: Int,
    patch: Int
  ) -> RecordPlan {
    RecordPlan(
      index: index, draw: draw, className: plan.name,
      classNumber: recipe.classSet.classes.firstIndex(of: plan.name) ?? 0, ops: ops,
      source: source, patch: patch)
  }

  /// The degradations of a record: chosen, then their parameters drawn, from streams of their own.
  private func ops(
    _ draw: UInt64, _ plan: Recipe.ClassPlan, severity: (ChainLink.Option) -> Double
  ) -> [RecordPlan.Op] {
    func stream(_ number: UInt32) -> RandomStream {
      RandomStream(seed: UInt64(recipe.seed), index: draw, stream: number)
    }
    var (choices, settings) = (
      stream(RecordPlanner.chainStream), stream(RecordPlanner.settingsStream)
    )
    let options =
      plan.chain?.drawn(&choices)
      ?? ClassSet.degradations(of: plan.name).map { ChainLink.Option(name: $0, weight: 1) }
    return options.map { option in
      RecordPlan.Op(
        name: option.name, severity: severity(option),
        settings: (plan.set(for: option.name, form: recipe.form) + option.set).map {
          $0.drawn(&settings)
        })
    }
  }

  /// The class's place in the recipe: multiples of the golden ratio spread over the odds, so that any
  /// run of records has the classes in their proportions.
  private func classPlace(_ index: Int) -> Int {
    let place = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    return odds.firstIndex { place < $0 } ?? odds.count - 1
  }

  /// Severities have three decimals, which labels and people can read.
  private static func severity(
    _ severities: [Double], _ areLevels: Bool, _ random: inout RandomStream
  ) -> Double {
    if areLevels { return severities[random.integer(below: severities.count)] }
    let value = random.uniform(severities[0], severities[1])
    return (value * 1000).rounded() / 1000
  }
}
