import Dispatch
import Synchronization

/// Runs numbered jobs on several threads.
public enum Workers {
  /// Runs a job for each number below `count`, on several threads.
  ///
  /// Each is started in order by whichever worker is free. The first problem stops the others after
  /// the job they are at. `job` may return false to end the work early.
  ///
  /// - Returns: Whether every job was run.
  /// - Throws: The problem of the job with the lowest number that had one.
  @discardableResult
  public static func run(
    _ count: Int, workers: Int, job: @Sendable (Int) throws(Problem) -> Bool
  ) throws(Problem) -> Bool {
    let next = Atomic(0)
    let isStopped = Atomic(false)
    let failures = Locked<[(number: Int, problem: Problem)]>([])
    DispatchQueue.concurrentPerform(iterations: max(1, min(workers, count))) { _ in
      while !isStopped.load(ordering: .relaxed) {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < count else { break }
        do throws(Problem) {
          if try !job(number) { isStopped.store(true, ordering: .relaxed) }
        } catch {
          isStopped.store(true, ordering: .relaxed)
          failures.withLock { $0.append((number, error)) }
        }
      }
    }
    if let first = failures.withLock({ $0.min { $0.number < $1.number } }) { throw first.problem }
    return !isStopped.load(ordering: .relaxed)
  }
}
