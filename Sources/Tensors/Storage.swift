import Glibc
import Synchronization

/// A block of floats that goes back to the pool when its last tensor is gone.
///
/// Touching a page for the first time costs four times a warm write, so blocks are kept: shapes are
/// the same in every iteration, and from the second one on the pool makes no new block.
public final class Storage {
  let pointer: UnsafeMutablePointer<Float>
  private let size: Int

  init(count: Int) {
    size = StoragePool.sizeClass(count)
    pointer = StoragePool.take(size)
  }

  deinit { StoragePool.giveBack(pointer, size) }
}

/// The blocks that no tensor uses at present, by size.
public enum StoragePool {
  private struct State: ~Copyable {
    var free: [Int: [UInt]] = [:]
    var made = 0
    var floats = 0
  }
  private static let state = Mutex(State())

  /// How many blocks were ever made; constant from the second iteration on.
  public static var blocksMade: Int { state.withLock { $0.made } }
  /// The bytes of all blocks, used or free.
  public static var bytes: Int { state.withLock { $0.floats * 4 } }

  /// Returns the free blocks to the system, as before work of other shapes.
  public static func releaseFreeBlocks() {
    state.withLock { state in
      for (size, blocks) in state.free {
        for block in blocks { free(UnsafeMutableRawPointer(bitPattern: block)) }
        state.floats -= size * blocks.count
      }
      state.free = [:]
    }
  }

  /// Eight classes an octave: at most an eighth of a block is unused.
  static func sizeClass(_ count: Int) -> Int {
    guard count > 128 else { return (count + 15) & ~15 }
    let step = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount - 3)
    return (count + step - 1) / step * step
  }

  static func take(_ size: Int) -> UnsafeMutablePointer<Float> {
    let kept = state.withLock { state -> UInt? in
      if let block = state.free[size]?.popLast() { return block }
      state.made += 1
      state.floats += size
      return nil
    }
    if let kept, let pointer = UnsafeMutablePointer<Float>(bitPattern: kept) { return pointer }
    return allocateFloats(size)
  }

  static func giveBack(_ pointer: UnsafeMutablePointer<Float>, _ size: Int) {
    state.withLock { $0.free[size, default: []].append(UInt(bitPattern: pointer)) }
  }
}

/// Uninitialised floats, aligned to a cache line (to a huge page when there are enough of them).
func allocateFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
  let hugePage = 1 << 21
  let bytes = (count * 4 + 63) & ~63
  let alignment = bytes >= hugePage ? hugePage : 64
  var pointer: UnsafeMutableRawPointer?
  let status = posix_memalign(&pointer, alignment, bytes)
  guard status == 0, let pointer else {
    fatalError("out of memory: \(bytes >> 20) MiB asked for; use a smaller batch_size or gt_size")
  }
  // Systems give huge pages to those who ask; without them the tables of pages leave the caches.
  if alignment == hugePage { madvise(pointer, bytes, MADV_HUGEPAGE) }
  return pointer.bindMemory(to: Float.self, capacity: count)
}
