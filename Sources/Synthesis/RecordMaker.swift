import Basics
import Degradations
import Images
import Records

/// Makes records by number.
///
/// A worker has its own, since it keeps the last patch.
struct RecordMaker: RecordMaking {
  let planner: RecordPlanner
  let textSize: Int
  private let sampler: PatchSampler
  private var last: (patch: Int, source: Int, made: CleanPatch)?

  init(_ planner: RecordPlanner, textSize: Int) {
    (self.planner, self.textSize) = (planner, textSize)
    sampler = PatchSampler(recipe: planner.recipe, split: planner.split, source: planner.source)
  }

  /// Attempts at a mixture that leaves something to see and something to do.
  private static let attempts = 8

  mutating func record(_ index: Int) throws(Problem) -> Record? {
    for attempt in 0..<RecordMaker.attempts {
      let made = try made(planner[index, attempt: attempt])
      guard planner.recipe.sampling == .grid || made.isUseful || attempt == RecordMaker.attempts - 1
      else { continue }
      return Record(
        index: index, label: made.label, lq: made.lq, gt: made.patch.bytes,
        shape: [made.patch.image.height, made.patch.image.width, 3],
        planes: try planes(of: made).map(\.member), textSize: textSize)
    }
    return nil
  }

  private mutating func made(_ plan: RecordPlan) throws(Problem) -> MadePair {
    let patch = try cleanPatch(plan)
    let recipe = planner.recipe
    let chain = try DegradationChain(
      plan.ops.map { ($0.name, $0.severity) }, space: recipe.space, order: recipe.order,
      form: recipe.form)
    let (lq, steps) = try chain.degrade(
      patch.bytes, scene: patch.scene, seed: UInt64(recipe.seed), index: plan.draw,
      settings: plan.ops.map(\.settings))
    return MadePair(
      plan: plan, patch: patch, steps: steps, lq: lq,
      label: RecordMaker.label(plan, patch, steps, lq, seed: recipe.seed))
  }

  private func planes(of made: MadePair) throws(Problem) -> [Plane] {
    try DegradationChain.planes(
      planner.recipe.planes, of: made.steps, scene: made.patch.scene,
      seed: UInt64(planner.recipe.seed), index: made.plan.draw)
  }

  private mutating func cleanPatch(_ plan: RecordPlan) throws(Problem) -> CleanPatch {
    if let last, last.patch == plan.patch, last.source == plan.source { return last.made }
    var made = try sampler.patch(plan.patch, of: plan.source)
    if planner.recipe.sharpensGT { made = made.sharpened(by: UnsharpMask()) }
    last = (plan.patch, plan.source, made)
    return made
  }

  private static func label(
    _ plan: RecordPlan, _ patch: CleanPatch, _ steps: [ChainStep], _ lq: [UInt8], seed: Int
  ) -> JSON {
    let picture = Measurement.form(width: patch.image.width, height: patch.image.height)
    return [
      "format": "dcpt-record/1", "key": .string(Record.key(plan.index)),
      "index": .integer(plan.index), "class": .string(plan.className),
      "label": .integer(plan.classNumber),
      "multi": .array(ClassSet.multiHot(plan.ops.map(\.name)).map { .integer($0) }),
      "source": patch.source, "crop": patch.crop, "chain": .array(steps.map(\.json)),
      "depth": patch.scene.depthLabel,
      "random": ["seed": .integer(seed), "index": .integer(Int(plan.draw))], "lq": picture,
      "gt": picture,
      "measured": Measurement.json(
        gt: patch.bytes, lq: lq, width: patch.image.width, height: patch.image.height,
        coverage: steps.compactMap(\.coverage).first),
    ]
  }
}

/// A pair with its label, before it is accepted.
private struct MadePair {
  let plan: RecordPlan
  let patch: CleanPatch
  let steps: [ChainStep]
  let lq: [UInt8]
  let label: JSON

  /// Whether a mixture is neither lost nor unharmed; single degradations are what they are, and in low
  /// light a low PSNR is no loss.
  var isUseful: Bool {
    guard plan.ops.count > 1, let psnr = label["measured"]?["psnr"]?.double else { return true }
    let tooDark = psnr < 8 && !plan.ops.contains { $0.name == "low-light" }
    let clips = Measurement.clipped(lq) - Measurement.clipped(patch.bytes) > 0.4
    return !tooDark && psnr <= 45 && !clips
  }
}
