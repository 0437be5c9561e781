import Basics

/// A progress line that several threads move on.
final class SharedProgress: Sendable {
  private let label: String
  private let unit: String
  private let line = Locked<ProgressLine?>(nil)

  init(_ label: String, unit: String) { (self.label, self.unit) = (label, unit) }

  /// Shows the state; the first call starts the clock, the last ends the line.
  func update(_ done: Int, of total: Int) {
    line.withLock { line in
      let shown = line ?? ProgressLine(label, total: total, unit: unit)
      line = shown
      if done == total { shown.finish() } else { shown.update(done) }
    }
  }

  /// Ends the line, however much was done.
  func finish() {
    line.withLock { line in
      line?.finish()
      line = nil
    }
  }
}
