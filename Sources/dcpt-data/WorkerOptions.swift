import ArgumentParser
import Basics
import Foundation

/// How many threads a command works with.
struct WorkerOptions: ParsableArguments {
  @Option(help: "How many threads; one for each core unless given.") var workers: Int?

  /// The number of threads.
  ///
  /// - Throws: `Problem` when it is less than 1.
  func count() throws(Problem) -> Int {
    let count = workers ?? ProcessInfo.processInfo.activeProcessorCount
    guard count > 0 else { throw Problem("--workers", "must be at least 1, not \(count)") }
    return count
  }
}
