import Basics
import Degradations
import Images
import Records

/// Makes records by number.
///
/// A worker has its own, since it keeps the last patch.
struct RecordMaker {
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

  /// Returns record number `index`; nil when its label needs more than `textSize` bytes.
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
    let picture: JSON = [
      "width": .integer(patch.image.width), "height": .integer(patch.image.height), "channels": 3,
      "dtype": "|u1", "space": "srgb",
    ]
    return [
      "format": "dcpt-record/1", "key": .string(Record.key(plan.index)),
      "index": .integer(plan.index), "class": .string(plan.className),
      "label": .integer(plan.classNumber),
      "multi": .array(ClassSet.multiHot(plan.ops.map(\.name)).map { .integer($0) }),
      "source": patch.source, "crop": patch.crop, "chain": .array(steps.map(\.json)),
      "depth": patch.scene.depthLabel,
      "random": ["seed": .integer(seed), "index": .integer(Int(plan.draw))], "lq": picture,
      "gt": picture,
      "measured": measured(patch, steps, lq),
    ]
  }

  /// What was done to the picture, as numbers; the digits that matter, so that labels stay short.
  private static func measured(_ patch: CleanPatch, _ steps: [ChainStep], _ lq: [UInt8]) -> JSON {
    let (w, h) = (patch.image.width, patch.image.height)
    let psnr = Quality.psnr(
      patch.bytes, lq, width: w, height: h, channels: 3, cropBorder: 0, luma: false)
    let ssim = Quality.ssim(
      patch.bytes, lq, width: w, height: h, channels: 3, cropBorder: 0, luma: false)
    let coverage = steps.compactMap(\.coverage).first
    return [
      "psnr": .number(rounded(psnr, 4)), "ssim": .number(rounded(ssim, 6)),
      "luma": .number(rounded(luma(lq), 4)), "clipped": .number(rounded(clipped(lq), 6)),
      "coverage": coverage.map { .number(rounded($0, 6)) } ?? .null,
    ]
  }

  /// The mean of BT.601 luma in full range, 0...1.
  private static func luma(_ bytes: [UInt8]) -> Double {
    var sums = SIMD3<Int>()
    for i in stride(from: 0, to: bytes.count, by: 3) {
      sums &+= SIMD3(Int(bytes[i]), Int(bytes[i + 1]), Int(bytes[i + 2]))
    }
    let weighted = 299 * sums[0] + 587 * sums[1] + 114 * sums[2]
    return Double(weighted) / (1000 * 255 * Double(bytes.count / 3))
  }

  /// The share of values at either end of the range.
  fileprivate static func clipped(_ bytes: [UInt8]) -> Double {
    let ends = bytes.withUnsafeBufferPointer { bytes in
      // 0 and 255 are the two that wrap to at most 1.
      bytes.reduce(into: 0) { $0 &+= $1 &+ 1 <= 1 ? 1 : 0 }
    }
    return Double(ends) / Double(bytes.count)
  }

  private static func rounded(_ x: Double, _ decimals: Int) -> Double {
    let scale = (0..<decimals).reduce(1.0) { s, _ in s * 10 }
    return x.isFinite ? (x * scale).rounded() / scale : x
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
    let clips = RecordMaker.clipped(lq) - RecordMaker.clipped(patch.bytes) > 0.4
    return !tooDark && psnr <= 45 && !clips
  }
}
