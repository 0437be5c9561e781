import Basics
import Glibc
import Records

/// Cuts batches ahead of the trainer on threads of its own, inside the process.
///
/// Batch t of a run is a function of (data, seed, patches, t): records come in the order of one
/// permutation an epoch, the augmentation of each from its place in the epoch. Threads only decide
/// when a batch is ready. The records that do not fill a last batch are left out of the epoch.
/// Memory is bounded by the batches ahead.
public final class BatchLoader {
  private let shared: Shared
  private let threads: [pthread_t]
  private var delivered: Int

  /// Starts cutting at batch number `first`.
  ///
  /// - Throws: `Problem` when the data cannot fill one batch.
  public init(
    _ source: any PairSource, patches: TrainingRecipe.Patches, seed: UInt64,
    startingAt first: Int = 0,
    threads count: Int = 1, ahead: Int = 4
  ) throws(Problem) {
    guard source.count >= patches.batch else {
      throw Problem(
        "batch_size", "is \(patches.batch), the data set has \(source.count) records",
        fix: "make more records or the batch smaller")
    }
    let shared = Shared(source, patches, seed, first: first, ahead: max(ahead, count))
    self.shared = shared
    delivered = first
    threads = (0..<count).map { _ in startThread { shared.work() } }
  }

  deinit {
    shared.stop()
    for thread in threads { pthread_join(thread, nil) }
  }

  /// The number of the batch that `next` returns: all the state that a checkpoint needs.
  public var position: Int { delivered }

  /// The next batch, in the order of the run.
  ///
  /// - Throws: The `Problem` of a record that cannot be read or is smaller than the patch.
  public func next() throws(Problem) -> Batch {
    let batch = try shared.take(delivered).get()
    delivered += 1
    return batch
  }

  /// The epoch of a batch, from 0, and its first place in it.
  public static func place(of number: Int, count: Int, batch: Int) -> (epoch: Int, position: Int) {
    let (epoch, within) = number.quotientAndRemainder(dividingBy: count / batch)
    return (epoch, within * batch)
  }
}

/// What the loader's threads share; the monitor guards all that changes.
private final class Shared: @unchecked Sendable {
  private let source: any PairSource
  private let patches: TrainingRecipe.Patches
  private let seed: UInt64
  private let ahead: Int
  private let monitor = Monitor()
  private var ready: [Int: Result<Batch, Problem>] = [:]
  private var nextToCut: Int
  private var nextToTake: Int
  private var stopped = false

  init(
    _ source: any PairSource, _ patches: TrainingRecipe.Patches, _ seed: UInt64, first: Int,
    ahead: Int
  ) {
    (self.source, self.patches, self.seed, self.ahead) = (source, patches, seed, ahead)
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
      do throws(Problem) { result = .success(try cut(number)) } catch { result = .failure(error) }
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

  private func cut(_ number: Int) throws(Problem) -> Batch {
    let (epoch, first) = BatchLoader.place(
      of: number, count: source.count, batch: patches.batch)
    let order = IndexPermutation(count: source.count, seed: seed, epoch: epoch)
    let bytes = patches.batch * patches.size * patches.size * 3
    var batch = Batch(
      number: number, patchSize: patches.size, lq: [UInt8](repeating: 0, count: bytes),
      gt: [UInt8](repeating: 0, count: bytes), labels: [], keys: [])
    for slot in 0..<patches.batch {
      let index = order[first + slot]
      let label = try source.pairLabel(index)
      batch.labels.append(label.classNumber)
      batch.keys.append(label.key)
      try fill(slot, of: &batch, from: index, key: label.key, epoch: epoch, position: first + slot)
    }
    return batch
  }

  private func fill(
    _ slot: Int, of batch: inout Batch, from index: Int, key: String, epoch: Int, position: Int
  ) throws(Problem) {
    let side = patches.size
    let start = slot * side * side * 3
    var small: Problem?
    try source.readPair(index) { pair in
      guard pair.width >= side, pair.height >= side else {
        small = Problem(
          "record \(key)", "is \(pair.width)x\(pair.height), smaller than gt_size \(side)",
          fix: "lower gt_size or synthesise with a larger --size")
        return
      }
      let augmentation = Augmentation(
        seed: seed, epoch: epoch, position: position, size: (pair.width, pair.height), cut: patches)
      batch.lq.withUnsafeMutableBufferPointer { out in
        guard let base = out.baseAddress else { return }
        augmentation.copy(side, from: pair.lq, width: pair.width, to: base + start)
      }
      batch.gt.withUnsafeMutableBufferPointer { out in
        guard let base = out.baseAddress else { return }
        augmentation.copy(side, from: pair.gt, width: pair.width, to: base + start)
      }
    }
    if let small { throw small }
  }
}
