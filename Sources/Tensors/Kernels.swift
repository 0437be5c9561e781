import Basics
import CKernels
import COpenBLAS

/// The kernel table that all ops go through: the only road from tensors to computation.
///
/// A second device would be a second table with the same functions; a dry run is one that only counts.
var kernels: dk_table { (DryRun.current == nil ? computing : counting).pointee }

/// Chosen once, for the best instruction set of this CPU (DCPT_ISA=portable|avx2|avx512 forces one).
nonisolated(unsafe) private let computing: UnsafePointer<dk_table> = {
  dk_pool_start(Int32(Threads.available), 0)
  // Our pool owns the cores; BLAS is called once a worker, on that worker's columns.
  openblas_set_num_threads(1)
  guard let table = dk_table_best() else { fatalError("no table of kernels") }
  // Chosen for a CPU that it does not know, OpenBLAS runs at a third of our AVX2 tiles.
  if table.pointee.lanes < 8 || coresWithFMA.contains(String(cString: openblas_get_corename())) {
    dk_set_blas { ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc in
      cblas_sgemm(
        CblasRowMajor, ta != 0 ? CblasTrans : CblasNoTrans, tb != 0 ? CblasTrans : CblasNoTrans,
        m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
    }
  }
  return table
}()

/// OpenBLAS's names of x86 cores for which its products use fused multiply-adds.
private let coresWithFMA: Set = ["Haswell", "Zen", "SkylakeX", "Cooperlake", "Sapphirerapids"]

nonisolated(unsafe) private let counting: UnsafePointer<dk_table> = dk_table_counting()

/// The threads that kernels share.
public enum Threads {
  /// The CPUs that this process may use.
  public static var available: Int { Int(dk_cpu_count()) }

  /// The threads now in the pool, the caller's among them.
  public static var count: Int { Int(dk_pool_size()) }

  /// Bytes that threads hold as scratch; they grow to a fixed size in the first iteration.
  public static var scratchBytes: Int { dk_scratch_bytes() }

  /// Sets how many threads compute; `pinned` binds each to a CPU of its own.
  ///
  /// Results depend in the last bits on how work is split. The calling thread splits it for `count`
  /// from now on, whatever another thread starts, so a run that resumes with its count repeats.
  public static func start(_ count: Int, pinned: Bool = false) {
    require(count > 0, "Threads.start: \(count) threads")
    // The table's first use would otherwise set the count again, later.
    _ = computing
    dk_pool_start(Int32(count), pinned ? 1 : 0)
    dk_split_for(Int32(count))
  }

  /// The name of the instruction set in use: "avx512", "avx2" or "portable".
  public static var instructionSet: String { String(cString: computing.pointee.name) }
}
