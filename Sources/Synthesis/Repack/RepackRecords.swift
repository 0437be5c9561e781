import Basics
import Records
import Synchronization

/// The records of a repacked set, each taken from one of its parents when it is asked for.
struct RepackRecords: Sendable {
  /// The labels that one worker reads at a time.
  private static let chunk = 256

  /// The sets that records are taken from.
  let parents: [RecordReader]
  /// The first parent's classes, then those that later ones add.
  var classes: [String] { joined.classes }
  /// The count of records.
  let count: Int
  /// Whether these are the records of one parent, all and in their order: then their labels stay.
  var isWhole: Bool { parents.count == 1 && count == parents[0].count }

  private let joined: JoinedSets
  /// The numbers of the records among all, rising; nil when it is all of them.
  private let chosen: [Int]?

  /// Selects records.
  ///
  /// - Parameter scanned: Called from any thread with the labels read so far, and their number; only
  ///   when they must be read.
  /// - Throws: `Problem` when nothing is selected, a class is in no parent, or a label cannot be read.
  init(
    _ parents: [RecordReader], _ selection: RepackSelection, workers: Int,
    scanned: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    self.parents = parents
    let joined = JoinedSets(parents.map { ($0.count, $0.manifest.classes) })
    let all = joined.count
    let ofClass = try selection.classes.map { wanted throws(Problem) in
      let wanted = try RepackRecords.numbers(of: wanted, in: joined.classes)
      return try RepackRecords.scan(all, workers, scanned) { number throws(Problem) in
        let (part, own) = joined.place(of: number)
        let found = joined.classNumbers[part][try parents[part].classNumber(own)]
        return wanted.contains(found) ? number : nil
      }
    }
    let places = try selection.places(of: ofClass?.count ?? all)
    chosen =
      places.map { places in ofClass.map { list in places.map { list[$0] } } ?? places }
      ?? ofClass
    self.joined = joined
    count = chosen?.count ?? all
    guard count > 0 else {
      throw Problem(
        "repack", "no record is selected", fix: "see 'dcpt-data info' for what is there")
    }
  }

  /// The bytes that the longest label needs here, its end included.
  ///
  /// - Parameter scanned: Called from any thread with the labels read so far, and their number.
  func longestLabel(workers: Int, scanned: @escaping @Sendable (Int, Int) -> Void)
    throws(Problem) -> Int
  {
    let lengths = try RepackRecords.scan(count, workers, scanned) { index throws(Problem) in
      let (part, own) = place(index)
      let label = try parents[part].label(own)
      return self.label(label, index, part).compact.utf8.count + 1
    }
    return lengths.max() ?? 0
  }

  /// The class of a record.
  ///
  /// - Throws: `Problem` when its label is damaged.
  func classNumber(_ index: Int) throws(Problem) -> Int {
    let (part, own) = place(index)
    return joined.classNumbers[part][try parents[part].classNumber(own)]
  }

  /// Takes a record, in the raw form.
  ///
  /// - Throws: `Problem` naming the parent's shard, record and member when it is damaged.
  func record(_ index: Int, textSize: Int) throws(Problem) -> Record {
    let (part, own) = place(index)
    let parent = parents[part]
    let record = try parent.record(own).inRawForm()
    // Through the reader, which knows the set's classes.
    let label = try parent.label(own)
    guard label.index == own else {
      throw Problem(
        "\(parent.manifest.name): record \(record.key)", "has the label of record \(label.index)",
        fix: "run 'dcpt-data verify --deep' on the set")
    }
    if isWhole { return record }
    guard
      let renumbered = record.relabelled(
        index, self.label(label, index, part), textSize: textSize)
    else {
      throw Problem(
        "\(parent.manifest.name): record \(record.key)",
        "has a label that needs more than \(textSize) bytes")
    }
    return renumbered
  }

  /// A label with its number here; it says which record of which set it was numbered as first.
  private func label(_ old: RecordLabel, _ index: Int, _ part: Int) -> JSON {
    var label = old.json
    label["key"] = .string(Record.key(index))
    label["index"] = .integer(index)
    label["label"] = .integer(joined.classNumbers[part][old.classNumber])
    if label["origin"] == nil {
      label["origin"] = [
        "dataset_id": .string(parents[part].datasetID), "key": .string(old.key),
      ]
    }
    return label
  }

  private func place(_ index: Int) -> (part: Int, own: Int) {
    joined.place(of: chosen?[index] ?? index)
  }

  private static func numbers(of names: [String], in classes: [String]) throws(Problem) -> Set<Int>
  {
    var numbers: Set<Int> = []
    for name in names {
      guard let number = classes.firstIndex(of: name) else {
        throw Problem(
          "--class", "no set has the class '\(name)'", fix: hint(for: name, among: classes))
      }
      numbers.insert(number)
    }
    return numbers
  }

  /// Calls `body` for each number below `count` on several threads, and returns what it gave, in order.
  private static func scan(
    _ count: Int, _ workers: Int, _ scanned: @escaping @Sendable (Int, Int) -> Void,
    _ body: @Sendable (Int) throws(Problem) -> Int?
  ) throws(Problem) -> [Int] {
    let found = Locked<[Int: [Int]]>([:])
    let done = Atomic(0)
    let chunks = (count + chunk - 1) / chunk
    let isComplete = try Workers.run(chunks, workers: workers) { place throws(Problem) in
      let range = place * chunk..<min((place + 1) * chunk, count)
      var values: [Int] = []
      for number in range {
        if let value = try body(number) { values.append(value) }
      }
      found.withLock { $0[place] = values }
      scanned(done.add(range.count, ordering: .relaxed).newValue, count)
      return StopSignal.number == nil
    }
    guard isComplete else { throw Problem("repack", "was stopped before anything was written") }
    return found.withLock { found in (0..<chunks).flatMap { found[$0] ?? [] } }
  }
}
