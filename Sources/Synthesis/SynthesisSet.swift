import Basics
import Degradations
import Records

/// A set that is made by a recipe.
struct SynthesisSet: PlannedSet {
  let plan: SetPlan
  let planner: RecordPlanner

  var identity: String { plan.identity }
  var shards: Int { plan.shards }
  var adviceWhenLocked: String { plan.adviceWhenLocked }

  func numbers(of shard: Int) -> Range<Int> { plan.numbers(of: shard) }

  func classes(of numbers: Range<Int>) -> [JSON.Member] {
    ShardEntry.counts(
      of: numbers.map { planner[$0].classNumber }, classes: planner.recipe.classSet.classes)
  }

  func maker(textSize: Int) -> RecordMaker { RecordMaker(planner, textSize: textSize) }

  func manifest(_ shards: [ShardEntry], textSize: Int) -> Manifest {
    plan.manifest(shards, textSize: textSize)
  }
}
