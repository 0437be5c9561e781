import Basics
import Degradations
import Records

/// Makes a data set: shards first, the manifest last.
///
/// The same recipe, seed and sources give the same bytes for any number of workers, processes and
/// machines. A run that was ended at any moment goes on where it was when started again: shards that
/// have the bytes they were finished with are kept.
public struct Synthesizer: Sendable {
  /// What is made.
  public let recipe: Recipe
  /// The part of the clean sources that it is made from.
  public let split: Split
  /// What decides the bytes of the set.
  public let plan: SetPlan
  private let isPlanned: Bool
  private let planner: RecordPlanner
  private let workers: Int

  /// The number of records in the set.
  public var count: Int { planner.count }
  /// The clean pictures that could not be used.
  public var setAside: [Manifest.SetAside] { plan.setAside }

  /// Prepares the clean sources.
  ///
  /// - Parameters:
  ///   - plan: The plan of the set's folder, when it has one: then no picture is looked at before it
  ///     is needed.
  ///   - scanned: Called with the pictures looked at so far, and their number.
  /// - Throws: `Problem` naming a folder that is missing or holds no usable picture, or what differs
  ///   from the plan.
  public init(
    _ recipe: Recipe, split: Split, workers: Int, plan: SetPlan? = nil,
    scanned: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    (self.recipe, self.split, self.workers) = (recipe, split, workers)
    for name in recipe.classes.flatMap(\.degradations) {
      _ = try DegradationCatalog.type(named: name, form: recipe.form)
    }
    try plan?.check(recipe, split, place: SetPlan.fileName)
    let source = try CleanSource(
      recipe, split: split, workers: workers, plan: plan, progress: scanned)
    planner = RecordPlanner(recipe, split, source)
    isPlanned = plan != nil
    self.plan = plan ?? SetPlan(recipe, split, source, records: planner.count)
  }

  /// Writes the set into a folder, which is created when it is missing.
  ///
  /// - Parameters:
  ///   - resumes: Whether a manifest that is lost or damaged is made again, as `SHA256SUMS` proves.
  ///   - progress: Called with the number of records that are done, from any thread.
  /// - Returns: The manifest; nil when a signal ended the run, whose finished shards are kept.
  /// - Throws: `Problem` when the folder holds another set, another process makes one of its shards,
  ///   the disk is full, or a picture is gone or changed.
  public func run(
    into folder: String, resumes: Bool = false,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Problem) -> Manifest? {
    try shardRun(progress).make(in: folder, resumes: resumes)
  }

  /// Makes some of the shards only; others, and `ShardMerge`, do the rest.
  ///
  /// - Parameter progress: Called with the number of records that are done, from any thread.
  /// - Returns: The shards that are there now; nil when a signal ended the run.
  /// - Throws: `Problem` when the pictures are not fixed by a plan, and as the whole run does.
  public func run(
    shards: ShardList, into folder: String,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Problem) -> ShardList? {
    let shards = try shards.clamped(to: plan.shards, place: "--shards")
    guard isPlanned || plan.pictures == 0 else {
      throw Problem(
        folder, "has no \(SetPlan.fileName), which fixes the pictures for all jobs",
        fix: "first run the same command with --plan instead of --shards")
    }
    try createFolder(folder)
    var draft = try Draft(folder, plan: plan, shards: shards)
    // Generated pictures need no plan, but who merges the shards does.
    if !isPlanned { try draft.write(plan) }
    return try shardRun(progress).make(shards, &draft) == nil ? nil : shards
  }

  /// The number of records in some of the shards.
  public func records(in shards: ShardList) throws(Problem) -> Int {
    try shards.clamped(to: plan.shards, place: "--shards").numbers
      .reduce(0) { $0 + plan.numbers(of: $1).count }
  }

  private func shardRun(_ progress: @escaping @Sendable (Int) -> Void) -> ShardRun<SynthesisSet> {
    ShardRun(
      content: SynthesisSet(plan: plan, planner: planner), workers: workers, progress: progress)
  }
}
