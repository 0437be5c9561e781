import CKernels

/// A kernel at one size: how to run it, and what a run costs.
struct KernelCase {
  let name: String
  /// Arithmetic of a run, in operations; 0 where only the memory counts.
  let operations: Double
  /// Bytes read and written once each.
  let bytes: Double
  /// The same by OpenBLAS, where it has it.
  var openBLAS: (() -> Void)?
  /// Runs it once, over buffers of its own.
  let run: (dk_table) -> Void

  static var families: [(name: String, cases: () -> [KernelCase])] {
    [
      ("products", products), ("convolutions", convolutions), ("depthwise", depthwise),
      ("blocks", blocks), ("elementwise", elementwise),
    ]
  }

  /// The three products of a pointwise convolution, forward, data and weight gradient, and both gradients at once.
  private static func products() -> [KernelCase] {
    let sizes = [
      (65536, 32, 64), (16384, 64, 128), (4096, 128, 256), (1024, 256, 512), (256, 512, 1024),
      (64, 1024, 2048),
    ]
    return sizes.flatMap { m, k, n in
      let (x, w, y) = (Buffer(m * k), Buffer(k * n), Buffer(m * n))
      let (dx, dw) = (Buffer(m * k), Buffer(k * n))
      let operations = 2 * Double(m) * Double(k) * Double(n)
      let bytes = 4 * Double(m * k + k * n + m * n)
      func form(_ name: String, _ blas: BLASProduct) -> KernelCase {
        KernelCase(
          name: "\(name) \(m) x \(k) x \(n)", operations: operations, bytes: bytes,
          openBLAS: blas.run, run: blas.run(by:))
      }
      return [
        form("gemm", BLASProduct(m, n, k, a: x, b: w, c: y)),
        form("gemm dX", BLASProduct(m, k, n, a: y, b: w, turnedB: true, c: x)),
        form("gemm dW", BLASProduct(k, n, m, a: x, turnedA: true, b: y, c: w)),
        KernelCase(
          name: "dX and dW \(m) x \(k) x \(n)", operations: 2 * operations,
          bytes: bytes + 4 * Double(m * k + k * n)
        ) { $0.pointwise_grad(m, k, n, x.p, w.p, y.p, dx.p, 0, dw.p, nil) },
      ]
    }
  }

  /// Dense 3x3 convolutions at the classifier's levels.
  private static func convolutions() -> [KernelCase] {
    [(4, 128, 64), (4, 64, 128), (4, 32, 256), (4, 16, 512), (1, 128, 64), (1, 16, 512)].flatMap {
      B, side, C in
      let count = B * side * side * C
      let (x, w, y) = (Buffer(count), Buffer(9 * C * C), Buffer(count))
      let operations = 18 * Double(count) * Double(C)
      let bytes = 4 * Double(2 * count + 9 * C * C)
      func form(_ name: String, _ run: @escaping (dk_table) -> Void) -> KernelCase {
        KernelCase(
          name: "\(name) \(B)x\(side)x\(side)x\(C)", operations: operations, bytes: bytes, run: run)
      }
      return [
        form("conv3x3") { $0.conv3x3(B, side, side, C, C, x.p, w.p, nil, y.p) },
        form("conv3x3 dX") { $0.conv3x3_grad_input(B, side, side, C, C, y.p, w.p, x.p) },
        form("conv3x3 dW") { $0.conv3x3_grad_weight(B, side, side, C, C, x.p, y.p, w.p, nil) },
      ]
    }
  }

  /// Depthwise convolutions with the gate, both directions.
  private static func depthwise() -> [KernelCase] {
    [(4, 128, 32), (4, 32, 128), (4, 16, 256)].flatMap { B, side, C in
      let count = B * side * side * C
      let (x, dx) = (Buffer(2 * count), Buffer(2 * count))
      let (w, bias, y) = (Buffer(18 * C), Buffer(2 * C), Buffer(count))
      let (dw, db) = (Buffer(18 * C), Buffer(2 * C))
      let taps = 36 * Double(count)
      return [
        KernelCase(
          name: "depthwise gate \(B)x\(side)x\(side)x\(C)", operations: taps,
          bytes: 12 * Double(count)
        ) { $0.depthwise_gate(B, side, side, C, x.p, w.p, bias.p, y.p) },
        KernelCase(
          name: "depthwise gate grad \(B)x\(side)x\(side)x\(C)", operations: 3 * taps,
          bytes: 20 * Double(count)
        ) {
          $0.depthwise_gate_grad(B, side, side, C, x.p, w.p, bias.p, y.p, dx.p, dw.p, db.p)
        },
      ]
    }
  }

  /// Whole NAFBlocks, forward and backward; operations as the textbook counts them.
  private static func blocks() -> [KernelCase] {
    [(4, 128, 32), (8, 64, 16), (1, 128, 64), (4, 64, 64), (4, 32, 128), (1, 32, 256)].flatMap {
      B, side, C in
      let block = BlockBuffers(B, side, C)
      let count = Double(B * side * side * C)
      let operations = 2 * count * Double(6 * C + 18)
      return [
        KernelCase(
          name: "NAFBlock \(B)x\(side)x\(side)x\(C)", operations: operations, bytes: 16 * count,
          run: block.forward),
        KernelCase(
          name: "NAFBlock grad \(B)x\(side)x\(side)x\(C)", operations: 2 * operations,
          bytes: 28 * count, run: block.backward),
      ]
    }
  }

  /// What the memory limits: normalisation, gate, optimiser.
  private static func elementwise() -> [KernelCase] {
    let (P, C) = (65536, 64)
    let n = P * C
    let buffers = (0..<5).map { _ in Buffer(n) }
    let (x, y, z, u, v) = (buffers[0], buffers[1], buffers[2], buffers[3], buffers[4])
    let (w, b, mean, rstd) = (Buffer(C), Buffer(C), Buffer(P), Buffer(P))
    func stream(_ name: String, _ maps: Int, _ run: @escaping (dk_table) -> Void) -> KernelCase {
      KernelCase(name: "\(name) \(P)x\(C)", operations: 0, bytes: Double(4 * n * maps), run: run)
    }
    return [
      stream("layer norm", 2) {
        $0.layer_norm(P, C, 1e-6, x.p, w.p, b.p, nil, 0, y.p, mean.p, rstd.p)
      },
      stream("layer norm grad", 3) {
        $0.layer_norm_grad(
          P, C, x.p, w.p, mean.p, rstd.p, y.p, 0, z.p, u.p, nil, b.p, b.p)
      },
      stream("gate", 3) { $0.gate(P / 2, C, x.p, y.p) },
      stream("add", 3) { $0.add(n, x.p, y.p, z.p) },
      stream("column sum", 1) { $0.column_sum(P, C, x.p, b.p) },
      stream("AdamW", 7) {
        $0.adamw(n, x.p, y.p, u.p, v.p, 1e-4, 0.9, 0.999, 1e-8, 1e-4, 10)
      },
    ]
  }
}

/// Memory of a benchmark, filled with small numbers.
final class Buffer {
  let p: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    p = .allocate(capacity: count)
    // Halves to either side of 0 without a generator: 0.618 is far from any short cycle.
    for i in 0..<count { p[i] = (Float(i) * 0.618).truncatingRemainder(dividingBy: 1) - 0.5 }
  }
  deinit { p.deallocate() }
}

/// Parameters, gradients and maps of a NAFBlock.
private final class BlockBuffers {
  private let size: (B: Int, side: Int, C: Int)
  private let maps: [Buffer]
  private let stats: Buffer
  private let values: [Buffer]
  private let gradients: [Buffer]

  init(_ B: Int, _ side: Int, _ C: Int) {
    size = (B, side, C)
    let pixels = B * side * side
    maps = (0..<6).map { _ in Buffer(pixels * C) }
    stats = Buffer(4 * pixels + 2 * B * C)
    let counts = [
      C, C, 2 * C * C, 2 * C, 18 * C, 2 * C, C * C, C, C * C, C, C, C, C, 2 * C * C, 2 * C, C * C,
      C, C,
    ]
    values = counts.map { Buffer($0) }
    gradients = counts.map { Buffer($0) }
    // Small weights keep the values of a block near those of its input.
    for (buffer, count) in zip(values, counts) { for i in 0..<count { buffer.p[i] /= Float(C) } }
  }

  private func table(_ b: [Buffer]) -> dk_naf_parameters {
    dk_naf_parameters(
      norm1_weight: b[0].p, norm1_bias: b[1].p, conv1_weight: b[2].p, conv1_bias: b[3].p,
      conv2_weight: b[4].p, conv2_bias: b[5].p, sca_weight: b[6].p, sca_bias: b[7].p,
      conv3_weight: b[8].p, conv3_bias: b[9].p, beta: b[10].p, norm2_weight: b[11].p,
      norm2_bias: b[12].p, conv4_weight: b[13].p, conv4_bias: b[14].p, conv5_weight: b[15].p,
      conv5_bias: b[16].p, gamma: b[17].p)
  }

  func forward(_ kernels: dk_table) {
    var p = table(values)
    kernels.naf_block(
      size.B, size.side, size.side, size.C, &p, maps[0].p, maps[1].p, maps[2].p, maps[3].p, stats.p)
  }

  func backward(_ kernels: dk_table) {
    var (p, g) = (table(values), table(gradients))
    kernels.naf_block_grad(
      size.B, size.side, size.side, size.C, &p, maps[0].p, maps[2].p, maps[3].p, stats.p, maps[4].p,
      maps[5].p, &g)
  }
}
