import Basics
import CKernels
import Glibc

/// A scope in which ops are counted instead of computed, and tensors have addresses without memory.
///
/// Networks, tapes and optimisers run as always, so what is counted is what they will do; only the kernel table
/// is another one, and so is the source of floats. Values mean nothing: start values are not drawn, tensors are
/// not filled. Bound to the task (or the thread, outside of tasks) that calls `measure`; others compute as before.
public final class DryRun: Sendable {
  /// What was counted.
  public struct Count: Sendable, Equatable {
    /// Multiply-adds of matrix products: 1x1 convolutions, linear layers.
    public let products: Int
    /// Multiply-adds of 3x3 convolutions over all channels.
    public let convolutions: Int
    /// Multiply-adds of 3x3 convolutions that keep channels apart.
    public let depthwise: Int
    /// Multiply-adds of the products inside attention.
    public let attention: Int
    /// Bytes of the blocks that the tensors' pool made (`StoragePool.bytes`).
    public let blockBytes: Int
    /// Bytes of the flat vectors made: parameters, gradients, moments, averages.
    public let vectorBytes: Int
    /// Bytes that the kernels' threads keep as scratch, at most.
    public let scratchBytes: Int

    /// All multiply-adds.
    ///
    /// Norms, activations, gates, sums, biases and interpolation are none, as in publications.
    public var multiplyAdds: Int { products + convolutions + depthwise + attention }
  }

  @TaskLocal static var current: DryRun?

  let blocks: BlockPool
  let addresses = Addresses()
  private let vectorFloats = Locked(0)

  private init() { blocks = BlockPool(addresses) }

  /// Runs `body` without computing anything and without taking memory for tensors.
  ///
  /// - Parameters:
  ///   - threads: The threads that the work is taken to be split for; they decide the scratch.
  ///   - body: What is measured. Tensors and networks made in it are of no use outside.
  /// - Returns: What `body` returns, and what it would have done.
  public static func measure<R, E: Error>(
    threads: Int = Threads.available, _ body: () throws(E) -> R
  ) throws(E) -> (result: R, count: Count) {
    let run = DryRun()
    let outer = dk_counted().pointee
    dk_counted().pointee = dk_count()
    dk_counted().pointee.threads = Int32(threads)
    defer { dk_counted().pointee = outer }
    let result = $current.withValue(run) { () -> Result<R, E> in
      do throws(E) { return .success(try body()) } catch { return .failure(error) }
    }
    let value = try result.get()
    return (value, run.count)
  }

  private var count: Count {
    let counted = dk_counted().pointee
    return Count(
      products: counted.products, convolutions: counted.convolutions,
      depthwise: counted.depthwise, attention: counted.attention, blockBytes: blocks.bytes,
      vectorBytes: vectorFloats.withLock { $0 } * MemoryLayout<Float>.stride,
      scratchBytes: dk_counted_scratch_bytes())
  }

  /// The place of a flat vector.
  func vector(_ count: Int) -> UnsafeMutablePointer<Float> {
    vectorFloats.withLock { $0 += count }
    return addresses.many(count)
  }
}

/// Where a dry run's floats lie: a few of them in memory, many at one range of addresses that all share.
///
/// What little Swift code reads and writes by itself (scalars, class scores) so finds memory, and what only kernels
/// would touch takes none.
final class Addresses: FloatSource {
  private static let few = 4096
  /// Bytes of each range by its start.
  private let ranges = Locked([UInt: Int]())

  deinit {
    for (start, bytes) in ranges.withLock({ $0 }) {
      munmap(UnsafeMutableRawPointer(bitPattern: start), bytes)
    }
  }

  func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    guard count <= Addresses.few else { return many(count) }
    guard let zeros = calloc(count, MemoryLayout<Float>.stride) else { stopForMemory(4 * count) }
    return zeros.bindMemory(to: Float.self, capacity: count)
  }

  func giveBack(_ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    if count <= Addresses.few { free(pointer) }
  }

  /// The start of a range of `count` floats or more.
  func many(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = count * MemoryLayout<Float>.stride
    let start = ranges.withLock { ranges -> UInt in
      let longest = ranges.max { $0.value < $1.value }
      if let longest, longest.value >= bytes { return longest.key }
      // Twice the last, so that few ranges are made while sizes grow.
      let length = max(bytes, 2 * (longest?.value ?? 0))
      let start = Addresses.reserve(length)
      ranges[start] = length
      return start
    }
    guard let pointer = UnsafeMutablePointer<Float>(bitPattern: start) else {
      fatalError("a range of addresses begins at 0")
    }
    return pointer
  }

  /// Addresses whose pages appear only where they are written.
  private static func reserve(_ bytes: Int) -> UInt {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let start = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED
    else { stopForMemory(bytes) }
    // One float written must not bring a huge page.
    madvise(start, bytes, MADV_NOHUGEPAGE)
    return UInt(bitPattern: start)
  }
}
