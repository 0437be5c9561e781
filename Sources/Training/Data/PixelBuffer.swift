import Basics
import Glibc

/// The values of a batch's patches, in memory that the loader takes back when nobody holds it any more.
///
/// Batches of the same size follow each other, and fresh memory costs a page fault every 4 KiB.
public final class PixelBuffer: @unchecked Sendable, Equatable {
  /// The number of values.
  public let count: Int
  /// Written by the one thread that fills the batch, before anybody else sees it.
  let pointer: UnsafeMutablePointer<Float>
  private let pool: PixelPool

  fileprivate init(_ pointer: UnsafeMutablePointer<Float>, _ count: Int, _ pool: PixelPool) {
    (self.pointer, self.count, self.pool) = (pointer, count, pool)
  }

  deinit { pool.takeBack(pointer) }

  /// Calls `body` with the values in place.
  public func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) {
      try body(UnsafeBufferPointer(start: pointer, count: count))
    }
  }

  /// A copy of the values.
  public var floats: [Float] { withFloats { Array($0) } }

  /// Compares the values.
  public static func == (a: PixelBuffer, b: PixelBuffer) -> Bool {
    a.withFloats { a in b.withFloats { b in a.elementsEqual(b) } }
  }
}

/// The memory of a loader's buffers: as much as were ever in use at once.
final class PixelPool: @unchecked Sendable {
  /// The values of each buffer, at most.
  let count: Int
  private let monitor = Monitor()
  private var free: [UnsafeMutablePointer<Float>] = []

  init(count: Int) { self.count = count }

  deinit { for pointer in free { Glibc.free(pointer) } }

  /// Hands out a buffer of up to `count` values, which are anything.
  func buffer(_ values: Int) -> PixelBuffer {
    require(values <= count, "PixelPool: \(values) values in a buffer of \(count)")
    return PixelBuffer(monitor.locked { free.popLast() } ?? allocate(), values, self)
  }

  fileprivate func takeBack(_ pointer: UnsafeMutablePointer<Float>) {
    monitor.locked { free.append(pointer) }
  }

  private func allocate() -> UnsafeMutablePointer<Float> {
    var memory: UnsafeMutableRawPointer?
    let code = posix_memalign(&memory, 64, max(64, count * MemoryLayout<Float>.stride))
    guard code == 0, let memory else {
      fatalError("PixelPool: no memory for a batch of \(count) values")
    }
    return memory.bindMemory(to: Float.self, capacity: count)
  }
}
