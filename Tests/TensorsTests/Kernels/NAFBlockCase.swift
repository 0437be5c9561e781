import CKernels

/// A NAFBlock with random parameters, run fused and composed.
struct NAFBlockCase {
  static let names = [
    "norm1_weight", "norm1_bias", "conv1_weight", "conv1_bias", "conv2_weight", "conv2_bias",
    "sca_weight", "sca_bias", "conv3_weight", "conv3_bias", "beta", "norm2_weight", "norm2_bias",
    "conv4_weight", "conv4_bias", "conv5_weight", "conv5_bias", "gamma",
  ]

  let size: MapSize
  private let x: [Float]
  private let dout: [Float]
  private let parameters: [String: [Float]]

  init(_ size: MapSize) {
    self.size = size
    let C = size.C
    var numbers = Numbers()
    x = numbers.array(size.count)
    dout = numbers.array(size.count)
    let fan = 1.7 / Float(C).squareRoot()
    parameters = Dictionary(
      uniqueKeysWithValues: Self.names.map { name in
        switch name {
        case "conv1_weight", "conv4_weight": (name, numbers.array(2 * C * C, scale: fan))
        case "conv2_weight": (name, numbers.array(18 * C, scale: 0.5))
        case "sca_weight", "conv3_weight", "conv5_weight":
          (name, numbers.array(C * C, scale: fan))
        case "conv1_bias", "conv2_bias", "conv4_bias": (name, numbers.array(2 * C))
        case "norm1_weight", "norm2_weight": (name, numbers.array(C, scale: 0.3, around: 1))
        default: (name, numbers.array(C))
        }
      })
  }

  /// Calls `body` with the C structure of pointers into the values.
  private static func withPointers(
    _ values: inout [String: [Float]], _ body: (dk_naf_parameters) -> Void
  ) {
    var structure = dk_naf_parameters()
    func next(_ index: Int, _ values: inout [String: [Float]]) {
      guard index < names.count else { return body(structure) }
      var array = values[names[index]] ?? []
      array.withUnsafeMutableBufferPointer { pointer in
        withUnsafeMutableBytes(of: &structure) { bytes in
          // The structure's members are pointers in the order of `names`.
          bytes.storeBytes(
            of: UInt(bitPattern: pointer.baseAddress),
            toByteOffset: index * MemoryLayout<UInt>.stride, as: UInt.self)
        }
        next(index + 1, &values)
      }
      values[names[index]] = array
    }
    next(0, &values)
  }

  /// The output, dx and all gradients of the fused kernels.
  func fused(_ table: dk_table, passes: Int = 1) -> [String: [Float]] {
    let (B, H, W, C) = (size.B, size.H, size.W, size.C)
    var values = parameters
    var gradients = parameters.mapValues { [Float](repeating: 0, count: $0.count) }
    var (out, gated, y, dx) = (
      unset(size.count), unset(size.count), unset(size.count), unset(size.count)
    )
    var stats = unset(4 * size.pixels + 2 * B * C)
    Self.withPointers(&values) { p in
      var p = p
      table.naf_block(B, H, W, C, &p, x, &out, &gated, &y, &stats)
      Self.withPointers(&gradients) { g in
        var g = g
        for _ in 0..<passes {
          table.naf_block_grad(B, H, W, C, &p, x, gated, y, stats, dout, &dx, &g)
        }
      }
    }
    return gradients.merging(["out": out, "dx": dx]) { $1 }
  }

  /// The same from the kernels of single layers.
  func composed(_ table: dk_table) -> [String: [Float]] {
    let (B, P, C, all) = (size.B, size.H * size.W, size.C, size.pixels)
    var run = Layers(table: table, p: parameters)
    let (n1, mean1, rstd1) = run.norm("norm1", x, all, C)
    let t = run.pointwise("conv1", n1, all, C, 2 * C)
    var g = unset(size.count)
    table.depthwise_gate(
      B, size.H, size.W, C, t, run["conv2_weight"], run["conv2_bias"], &g)
    var pooled = unset(B * C)
    table.image_mean(B, P, C, g, &pooled)
    let a = run.pointwise("sca", pooled, B, C, C)
    var ga = unset(size.count)
    table.scale_channels(B, P, C, g, a, &ga)
    let z3 = run.pointwise("conv3", ga, all, C, C)
    let y = run.residual("beta", x, z3, all, C)
    let (n2, mean2, rstd2) = run.norm("norm2", y, all, C)
    let t4 = run.pointwise("conv4", n2, all, C, 2 * C)
    var g4 = unset(size.count)
    table.gate(all, C, t4, &g4)
    let z5 = run.pointwise("conv5", g4, all, C, C)
    let out = run.residual("gamma", y, z5, all, C)

    let dz5 = run.residualGrad("gamma", z5, dout, all, C)
    let dg4 = run.pointwiseGrad("conv5", g4, dz5, all, C, C)
    var dt4 = unset(2 * size.count)
    table.gate_grad(all, C, t4, dg4, &dt4)
    let dn2 = run.pointwiseGrad("conv4", n2, dt4, all, C, 2 * C)
    let dy = run.sum(dout, run.normGrad("norm2", y, mean2, rstd2, dn2, all, C))
    let dz3 = run.residualGrad("beta", z3, dy, all, C)
    let dga = run.pointwiseGrad("conv3", ga, dz3, all, C, C)
    var (dg, da, spread) = (unset(size.count), unset(B * C), unset(size.count))
    table.scale_channels_grad(B, P, C, g, a, dga, &dg, &da)
    let dpooled = run.pointwiseGrad("sca", pooled, da, B, C, C)
    table.image_spread(B, P, C, dpooled, 1 / Float(P), &spread)
    var dt = unset(2 * size.count)
    var (taps, tapsBias) = (run.zeros("conv2_weight"), run.zeros("conv2_bias"))
    table.depthwise_gate_grad(
      B, size.H, size.W, C, t, run["conv2_weight"], run["conv2_bias"], run.sum(dg, spread), &dt,
      &taps, &tapsBias)
    run.gradients["conv2_weight"] = taps
    run.gradients["conv2_bias"] = tapsBias
    let dn1 = run.pointwiseGrad("conv1", n1, dt, all, C, 2 * C)
    let dx = run.sum(dy, run.normGrad("norm1", x, mean1, rstd1, dn1, all, C))
    return run.gradients.merging(["out": out, "dx": dx]) { $1 }
  }
}

/// Layers with their parameters by name, gathering gradients.
private struct Layers {
  let table: dk_table
  let p: [String: [Float]]
  var gradients: [String: [Float]] = [:]

  init(table: dk_table, p: [String: [Float]]) { (self.table, self.p) = (table, p) }

  subscript(_ name: String) -> [Float] { p[name] ?? [] }
  func zeros(_ name: String) -> [Float] { self[name].map { _ in 0 } }

  func sum(_ a: [Float], _ b: [Float]) -> [Float] {
    var y = unset(a.count)
    table.add(a.count, a, b, &y)
    return y
  }
  func pointwise(_ name: String, _ x: [Float], _ P: Int, _ k: Int, _ n: Int) -> [Float] {
    var y = unset(P * n)
    table.gemm(0, 0, P, n, k, x, k, self[name + "_weight"], n, self[name + "_bias"], nil, &y, n)
    return y
  }
  mutating func pointwiseGrad(
    _ name: String, _ x: [Float], _ dy: [Float], _ P: Int, _ k: Int, _ n: Int
  ) -> [Float] {
    var dx = unset(P * k)
    var (dw, db) = (unset(k * n), zeros(name + "_bias"))
    table.gemm(0, 1, P, k, n, dy, n, self[name + "_weight"], n, nil, nil, &dx, k)
    table.gemm(1, 0, k, n, P, x, k, dy, n, nil, nil, &dw, n)
    table.column_sum(P, n, dy, &db)
    gradients[name + "_weight"] = dw
    gradients[name + "_bias"] = db
    return dx
  }
  func norm(_ name: String, _ x: [Float], _ P: Int, _ C: Int) -> ([Float], [Float], [Float]) {
    var (y, mean, rstd) = (unset(P * C), unset(P), unset(P))
    table.layer_norm(
      P, C, 1e-6, x, self[name + "_weight"], self[name + "_bias"], nil, 0, &y, &mean, &rstd)
    return (y, mean, rstd)
  }
  mutating func normGrad(
    _ name: String, _ x: [Float], _ mean: [Float], _ rstd: [Float], _ dy: [Float], _ P: Int,
    _ C: Int
  ) -> [Float] {
    var (dx, dw, db) = (unset(P * C), zeros(name + "_weight"), zeros(name + "_bias"))
    table.layer_norm_grad(
      P, C, x, self[name + "_weight"], mean, rstd, x, 0, dy, &dx, nil, &dw, &db)
    gradients[name + "_weight"] = dw
    gradients[name + "_bias"] = db
    return dx
  }
  func residual(_ name: String, _ x: [Float], _ z: [Float], _ P: Int, _ C: Int) -> [Float] {
    var y = unset(P * C)
    table.scaled_residual(P, C, x, z, self[name], &y)
    return y
  }
  mutating func residualGrad(_ name: String, _ z: [Float], _ dy: [Float], _ P: Int, _ C: Int)
    -> [Float]
  {
    var (dz, dv) = (unset(P * C), zeros(name))
    table.scaled_residual_grad(P, C, z, self[name], dy, &dz, &dv)
    gradients[name] = dv
    return dz
  }
}
