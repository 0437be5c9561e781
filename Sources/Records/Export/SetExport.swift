import Basics
import Synchronization

/// Writes records of a set as plain folders: PNG files of equal names in `lq` and `gt`, a label a line in
/// `labels.jsonl`, and the `meta_info.txt` that BasicSR's `PairedImageDataset` reads.
///
/// The lists come last: where they are, every picture is. A run that was ended goes on when it is started
/// again; a file that is there is kept if it has the record's pixels.
public struct SetExport: Sendable {
  /// What is written, and how it lies.
  public struct Settings: Sendable {
    /// The classes whose records are written; empty for all.
    public var classes: [String] = []
    /// The numbers of the records to look at, in rising order; nil for all.
    public var records: [Range<Int>]?
    /// Whether planes are written too, as `.npy` files in `planes/NAME`.
    public var hasPlanes = false
    /// Whether each class has a folder of its own with `lq`, `gt` and lists.
    public var isByClass = false

    /// Creates those of a whole set.
    public init() {}
  }

  /// What came of it.
  public struct Result: Sendable, Equatable {
    /// The records that lie in the folder now.
    public let records: Int
    /// How many of them were there already.
    public let kept: Int
  }

  /// How many records a worker takes at once.
  private static let chunk = 16

  /// The count of records to look at.
  public let count: Int

  private let reader: RecordReader
  private let settings: Settings
  private let wanted: Set<Int>?
  private let chunks: [Range<Int>]

  /// Opens a set.
  ///
  /// - Parameter path: Its `manifest.json`.
  /// - Throws: `Problem` when it cannot be opened, or has no such class or record.
  public init(manifest path: String, settings: Settings) throws(Problem) {
    let reader = try RecordReader(manifest: path)
    let classes = reader.manifest.classes
    var wanted: Set<Int> = []
    for name in settings.classes {
      guard let number = classes.firstIndex(of: name) else {
        throw Problem("--class", "the set has no '\(name)'", fix: hint(for: name, among: classes))
      }
      wanted.insert(number)
    }
    if settings.isByClass, let name = classes.first(where: { !ExportedFiles.isName($0) }) {
      throw Problem(path, "class '\(name)' cannot be a folder's name", fix: "leave --by-class out")
    }
    let ranges = settings.records ?? [0..<reader.count]
    if let end = ranges.map(\.upperBound).max(), end > reader.count {
      throw Problem(
        "--records", "there is no record \(end - 1): the set has \(reader.count)",
        fix: "the last is \(reader.count - 1)")
    }
    (self.reader, self.settings) = (reader, settings)
    self.wanted = wanted.isEmpty ? nil : wanted
    chunks = ranges.flatMap { range in
      stride(from: range.lowerBound, to: range.upperBound, by: SetExport.chunk).map {
        $0..<min($0 + SetExport.chunk, range.upperBound)
      }
    }
    count = ranges.reduce(0) { $0 + $1.count }
  }

  /// Writes the files into a folder, which is created when it is missing.
  ///
  /// - Parameter progress: Called with the number of records looked at, from any thread.
  /// - Returns: nil when a signal ended the work, whose files are kept.
  /// - Throws: `Problem` when the folder holds other things, another process exports into it, a record
  ///   is damaged, or a file cannot be written.
  public func run(
    into folder: String, workers: Int, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Problem) -> Result? {
    let target = try ExportFolder(folder, note: note)
    defer { target.leave() }
    let done = Atomic(0)
    let found = Atomic(0)
    let kept = Atomic(0)
    let isComplete = try Workers.run(chunks.count, workers: workers) { place throws(Problem) in
      for index in chunks[place] {
        if let label = try label(index) {
          let files = ExportedFiles(index, label, in: folder, settings)
          if try files.write(reader) { kept.add(1, ordering: .relaxed) }
          found.add(1, ordering: .relaxed)
        }
        progress(done.add(1, ordering: .relaxed).newValue)
        guard StopSignal.number == nil else { return false }
      }
      return true
    }
    guard isComplete else { return nil }
    try writeLists(folder)
    return Result(records: found.load(ordering: .relaxed), kept: kept.load(ordering: .relaxed))
  }

  /// The label of a record; nil when its class is not wanted.
  private func label(_ index: Int) throws(Problem) -> RecordLabel? {
    if let wanted, !wanted.contains(try reader.classNumber(index)) { return nil }
    return try reader.label(index)
  }

  /// Writes the lists, in the order of the records.
  private func writeLists(_ folder: String) throws(Problem) {
    var lists: [String: ExportLists] = [:]
    for index in chunks.joined() {
      guard let label = try label(index) else { continue }
      let group = ExportedFiles.group(of: label, in: folder, settings)
      if lists[group] == nil { lists[group] = try ExportLists(in: group) }
      try lists[group]?.append(index, label)
    }
    for list in lists.values { try list.publish() }
  }

  /// What a folder says of what is exported into it.
  private var note: JSON {
    let ranges = settings.records?.map { range -> JSON in
      [.integer(range.lowerBound), .integer(range.upperBound)]
    }
    return [
      "format": "dcpt-export/1", "set": .string(reader.manifest.name),
      "dataset_id": .string(reader.datasetID),
      "classes": .array(settings.classes.sorted().map { .string($0) }),
      "records": ranges.map { .array($0) } ?? .null, "planes": .bool(settings.hasPlanes),
      "by_class": .bool(settings.isByClass),
    ]
  }
}
