import Basics
import Glibc

/// Cuts batches ahead of the trainer on threads of its own, inside the process.
///
/// What is in a batch is the plan's business; threads only decide when a batch is ready. Memory is bounded by
/// the batches ahead.
public final class BatchLoader {
  /// Batches that are cut before they are asked for, unless said otherwise.
  public static let usualAhead = 4
  private let shared: Shared
  private let threads: [pthread_t]
  private var delivered: Int
  private let plan: BatchPlan

  /// Starts cutting at batch number `first`.
  ///
  /// - Parameters:
  ///   - count: Threads that cut.
  ///   - ahead: Batches that are cut before they are asked for, at most; at least one a thread.
  public init(
    _ plan: BatchPlan, startingAt first: Int = 0, threads count: Int = 1,
    ahead: Int = usualAhead
  ) {
    let shared = Shared(plan, first: first, ahead: max(ahead, count))
    (self.shared, self.plan, delivered) = (shared, plan, first)
    threads = (0..<count).map { _ in startThread { shared.work() } }
  }

  deinit {
    shared.stop()
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Bytes of the buffers of a loader with the usual batches ahead, at most.
  ///
  /// - Parameters:
  ///   - batch: Pairs of a whole batch.
  ///   - side: Of their patches, pixels.
  static func bytes(batch: Int, side: Int) -> Int {
    // Those ahead and the one that is learnt from, each of two buffers.
    2 * (usualAhead + 1) * batch * side * side * 3 * MemoryLayout<Float>.stride
  }

  /// The number of the batch that `next` returns.
  public var position: Int { delivered }

  /// All that is needed to go on with the batch that `next` returns.
  public var state: LoaderState { plan.state(before: delivered) }

  /// The next batch, in the order of the run.
  ///
  /// - Throws: The `Problem` of a record that cannot be read or is smaller than the patch.
  public func next() throws(Problem) -> Batch {
    let batch = try shared.take(delivered).get()
    delivered += 1
    return batch
  }
}

/// What the loader's threads share; the monitor guards all that changes.
private final class Shared: @unchecked Sendable {
  private let plan: BatchPlan
  private let pool: PixelPool
  private let ahead: Int
  private let monitor = Monitor()
  private var ready: [Int: Result<Batch, Problem>] = [:]
  private var nextToCut: Int
  private var nextToTake: Int
  private var stopped = false

  init(_ plan: BatchPlan, first: Int, ahead: Int) {
    (self.plan, self.ahead) = (plan, ahead)
    pool = PixelPool(count: plan.valuesPerBatch)
    (nextToCut, nextToTake) = (first, first)
  }

  func stop() { monitor.locked { stopped = true } }

  func take(_ number: Int) -> Result<Batch, Problem> {
    monitor.wait {
      guard let batch = ready.removeValue(forKey: number) else { return nil }
      nextToTake = number + 1
      return batch
    }
  }

  /// A thread's life: cut the next batch nobody works at, unless enough lie ready.
  func work() {
    while let number = claim() {
      let result: Result<Batch, Problem>
      do throws(Problem) { result = .success(try plan.cut(number, pool)) } catch {
        result = .failure(error)
      }
      monitor.locked { ready[number] = result }
    }
  }

  private func claim() -> Int? {
    monitor.wait { () -> Int?? in
      if stopped { return .some(nil) }
      guard nextToCut < nextToTake + ahead else { return nil }
      defer { nextToCut += 1 }
      return nextToCut
    }
  }
}
