import Basics
import Glibc

/// A block of floats that goes back to the pool when its last tensor is gone.
///
/// Touching a page for the first time costs four times a warm write, so blocks are kept: shapes are
/// the same in every iteration, and from the second one on the pool makes no new block.
public final class Storage {
  let pointer: UnsafeMutablePointer<Float>
  private let size: Int
  private let pool: BlockPool

  init(count: Int) {
    pool = DryRun.current?.blocks ?? StoragePool.blocks
    size = BlockPool.sizeClass(count)
    pointer = pool.take(size)
  }

  deinit { pool.giveBack(pointer, size) }

  /// Whether there are values: not in a dry run.
  var holdsValues: Bool { pool === StoragePool.blocks }
}

/// The blocks of all tensors, but those of dry runs.
public enum StoragePool {
  static let blocks = BlockPool(Heap())

  /// How many blocks were ever made; constant from the second iteration on.
  public static var blocksMade: Int { blocks.made }
  /// The bytes of all blocks, used or free.
  public static var bytes: Int { blocks.bytes }

  /// Returns the free blocks to the system, as before work of other shapes.
  public static func releaseFreeBlocks() { blocks.releaseFreeBlocks() }
}

/// Where floats come from.
protocol FloatSource: AnyObject, Sendable {
  /// Hands out `count` floats of any value.
  func take(_ count: Int) -> UnsafeMutablePointer<Float>
  /// Takes back what it handed out.
  func giveBack(_ pointer: UnsafeMutablePointer<Float>, _ count: Int)
}

/// Memory of the process.
private final class Heap: FloatSource {
  func take(_ count: Int) -> UnsafeMutablePointer<Float> { allocateFloats(count) }
  func giveBack(_ pointer: UnsafeMutablePointer<Float>, _ count: Int) { free(pointer) }
}

/// Blocks of floats, and those of them that no tensor uses at present, by size.
final class BlockPool: Sendable {
  private struct State {
    var free: [Int: [UInt]] = [:]
    var made = 0
    var floats = 0
  }
  private let state = Locked(State())
  private let source: any FloatSource

  init(_ source: any FloatSource) { self.source = source }

  deinit { releaseFreeBlocks() }

  /// How many blocks were ever made.
  var made: Int { state.withLock { $0.made } }
  /// The bytes of all blocks, used or free.
  var bytes: Int { state.withLock { $0.floats * MemoryLayout<Float>.stride } }

  /// Returns the free blocks to their source.
  func releaseFreeBlocks() {
    state.withLock { state in
      for (size, blocks) in state.free {
        for block in blocks {
          guard let pointer = UnsafeMutablePointer<Float>(bitPattern: block) else { continue }
          source.giveBack(pointer, size)
        }
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

  func take(_ size: Int) -> UnsafeMutablePointer<Float> {
    let kept = state.withLock { state -> UInt? in
      if let block = state.free[size]?.popLast() { return block }
      state.made += 1
      state.floats += size
      return nil
    }
    if let kept, let pointer = UnsafeMutablePointer<Float>(bitPattern: kept) { return pointer }
    return source.take(size)
  }

  func giveBack(_ pointer: UnsafeMutablePointer<Float>, _ size: Int) {
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
  guard status == 0, let pointer else { stopForMemory(bytes) }
  // Systems give huge pages to those who ask; without them the tables of pages leave the caches.
  if alignment == hugePage { madvise(pointer, bytes, MADV_HUGEPAGE) }
  return pointer.bindMemory(to: Float.self, capacity: count)
}

/// Ends the program where the system has no more memory.
func stopForMemory(_ bytes: Int) -> Never {
  fatalError("out of memory: \(bytes >> 20) MiB asked for; use a smaller batch_size or gt_size")
}
