import CKernels
import COpenBLAS

/// c [m, n] = a b, by our kernels or by OpenBLAS, which is called once a thread of our pool, each with a part of c.
struct BLASProduct {
  private let m: Int, n: Int, k: Int
  private let a: Buffer, b: Buffer, c: Buffer
  private let turnedA: Bool, turnedB: Bool

  /// - Parameters:
  ///   - turnedA: a is stored as [k, m].
  ///   - turnedB: b is stored as [n, k].
  init(
    _ m: Int, _ n: Int, _ k: Int, a: Buffer, turnedA: Bool = false, b: Buffer,
    turnedB: Bool = false,
    c: Buffer
  ) {
    (self.m, self.n, self.k) = (m, n, k)
    (self.a, self.b, self.c) = (a, b, c)
    (self.turnedA, self.turnedB) = (turnedA, turnedB)
  }

  func run(by table: dk_table) {
    table.gemm(
      turnedA ? 1 : 0, turnedB ? 1 : 0, m, n, k, a.p, turnedA ? m : k, b.p, turnedB ? k : n, nil,
      nil,
      c.p, n)
  }

  func run() {
    withUnsafePointer(to: self) { product in
      dk_pool_run(
        { context, part in
          context?.assumingMemoryBound(to: BLASProduct.self).pointee.runPart(Int(part))
        }, UnsafeMutableRawPointer(mutating: product))
    }
  }

  /// A part is a range of rows of c, or of columns where c is wider than high.
  private func runPart(_ part: Int) {
    let (parts, side) = (Int(dk_pool_size()), max(m, n))
    let (start, end) = (side * part / parts, side * (part + 1) / parts)
    guard end > start else { return }
    let byRows = m >= n
    let (row, column) = byRows ? (start, 0) : (0, start)
    let (rows, columns) = byRows ? (end - start, n) : (m, end - start)
    cblas_sgemm(
      CblasRowMajor, turnedA ? CblasTrans : CblasNoTrans, turnedB ? CblasTrans : CblasNoTrans,
      Int32(rows), Int32(columns), Int32(k), 1, a.p + (turnedA ? row : row * k),
      Int32(turnedA ? m : k), b.p + (turnedB ? column * k : column), Int32(turnedB ? k : n), 0,
      c.p + row * n + column, Int32(n))
  }
}
