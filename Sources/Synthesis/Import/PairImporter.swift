import Basics
import Records

/// Makes shards of a data set of real pairs.
///
/// The same files and settings give the same bytes for any number of workers; a run that was ended at any
/// moment goes on with its finished shards when it is started again.
public struct PairImporter: Sendable {
  /// How pictures become records.
  public struct Settings: Sendable {
    /// The side of the tiles; nil stores pictures whole.
    public var tile: Int?
    /// By how many pixels tiles overlap at least.
    public var overlap = 0
    /// Records in a shard.
    public var recordsPerShard = 64

    /// Creates those of whole pictures.
    public init() {}
  }

  /// Files that became no record, and why.
  public var setAside: [Manifest.SetAside] { content.setAside }
  /// The number of records.
  public var count: Int { content.parts.count }

  /// What decides the bytes of the set.
  let content: ImportedSet
  private let workers: Int

  /// Finds and measures the pairs of a layout's split below a folder.
  ///
  /// - Parameter classSet: The classes whose numbers the labels take: the name of a class set, or
  ///   names with commas; nil takes the layout's.
  /// - Throws: `Problem` when no pair is there, or a class is not among them.
  public init(
    _ layout: PairLayout, split: Split, in folder: String, classSet: String?, settings: Settings,
    workers: Int, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    try self.init(
      layout, split, try PairSearch(layout, split: split, in: folder), classSet, settings, workers,
      progress)
  }

  /// Finds and measures the pairs of two folders, or LMDB databases, that have the same names.
  public init(
    lq: String, gt: String, class name: String, split: Split, classSet: String?, settings: Settings,
    workers: Int, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    try self.init(
      PairLayout(class: name), split, try PairSearch(lq: lq, gt: gt, class: name), classSet,
      settings, workers, progress)
  }

  /// Finds and measures the pairs in tars that others wrote by WebDataset's rules.
  ///
  /// - Parameter tars: Paths and patterns of them, such as `data/*.tar`.
  /// - Throws: `Problem` also for a tar that is damaged, with the place.
  public init(
    tars: [String], fields: TarFields, split: Split, classSet: String?, settings: Settings,
    workers: Int, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    let list = try TarList(tars)
    let search = try PairSearch(
      list, fields, classes: try ImportClasses.named(classSet), workers: workers)
    try self.init(
      PairLayout(tars: list.names, fields), split, search, classSet, settings, workers, progress)
  }

  private init(
    _ layout: PairLayout, _ split: Split, _ search: PairSearch, _ classSet: String?,
    _ settings: Settings, _ workers: Int, _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) {
    let classes = try ImportClasses.list(
      classSet ?? layout.classSet, found: search.pairs.map(\.className))
    let (pictures, unusable) = try PairMeasurement.measured(
      search.pairs, workers: workers, progress: progress)
    content = ImportedSet(
      layout, split: split, classes: classes, pictures: pictures,
      setAside: search.setAside + unusable, settings: settings)
    self.workers = workers
    guard !content.parts.isEmpty else {
      throw Problem(
        search.pairs[0].lq.place, "and all other pictures cannot be used",
        fix: content.setAside.last.map { "the last: \($0.file) \($0.reason)" } ?? "")
    }
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
    try ShardRun(content: content, workers: workers, progress: progress)
      .make(in: folder, resumes: resumes)
  }
}
