import Basics

/// Where a run reports: JSON lines, a TensorBoard event file, and a progress line for people.
public final class RunLog {
  private let lines: LogFile
  private let events: EventFile
  private let progress: ProgressLine
  private let total: Int

  /// Opens the files of a run folder.
  ///
  /// - Parameter iteration: The iteration a resumed run continues after; 0 for a new one.
  public init(folder: String, label: String, total: Int, after iteration: Int) throws(Problem) {
    lines = try LogFile(folder + "/log.jsonl", resumingAfter: iteration > 0 ? iteration : nil)
    events = try EventFile(in: folder, resumingAt: iteration > 0 ? iteration + 1 : nil)
    progress = ProgressLine(label, total: total, unit: "it", startingAt: iteration)
    self.total = total
  }

  /// Shows on the progress line that an iteration is done.
  public func show(_ iteration: Int, _ scalars: [(name: String, value: Double)]) {
    progress.update(iteration, note: RunLog.note(scalars))
  }

  /// Ends the progress line.
  public func finish(_ iteration: Int, _ scalars: [(name: String, value: Double)]) {
    progress.finish(iteration, note: RunLog.note(scalars))
  }

  /// Records named numbers of one iteration under `group` ("train", "val").
  public func record(
    _ group: String, _ scalars: [(name: String, value: Double)], iteration: Int
  ) throws(Problem) {
    let members = scalars.map { JSON.Member($0.name, .number($0.value)) }
    try lines.append(
      .object([.init("iteration", .integer(iteration)), .init("group", .string(group))] + members))
    try events.write(
      scalars.map { (name: group + "/" + $0.name, value: $0.value) }, iteration: iteration)
  }

  /// Keeps a text about the run after an iteration under `group` ("forced").
  public func note(_ group: String, _ text: String, iteration: Int) throws(Problem) {
    try lines.append(
      ["iteration": .integer(iteration), "group": .string(group), "text": .string(text)])
  }

  /// Says something that is worth a line of its own.
  public func say(_ text: String) { progress.interrupt(text) }

  /// Records a picture, given as a PNG file's bytes.
  public func record(
    _ name: String, png: [UInt8], width: Int, height: Int, iteration: Int
  ) throws(Problem) {
    try events.write(name, png: png, width: width, height: height, iteration: iteration)
  }

  private static func note(_ scalars: [(name: String, value: Double)]) -> String {
    scalars.map { "\($0.name) \(fixed($0.value, 4))" }.joined(separator: "  ")
  }
}
