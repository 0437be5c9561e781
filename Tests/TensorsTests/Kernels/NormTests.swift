import CKernels
import Testing

/// Layer normalisation against its definition in double precision.
@Suite struct NormTests {
  static let rows = [1, 2, 7, 40, 600]
  static let channels = [1, 2, 3, 5, 12, 24, 64, 127]

  /// The definition: value, and gradients of x, w and b.
  private struct Plain {
    let C: Int
    let x: [Float]
    let w: [Float]
    let b: [Float]

    func normal(_ p: Int) -> (values: [Double], rstd: Double) {
      let row = x[p * C..<(p + 1) * C].map { Double($0) }
      let mean = row.reduce(0, +) / Double(C)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(C)
      let rstd = 1 / (variance + 1e-6).squareRoot()
      return (row.map { ($0 - mean) * rstd }, rstd)
    }

    func value(addend: [Float], relu: Bool) -> [Double] {
      (0..<x.count / C).flatMap { p in
        let (values, _) = normal(p)
        return (0..<C).map { c in
          var v = values[c] * Double(w[c]) + Double(b[c])
          if !addend.isEmpty { v += Double(addend[p * C + c]) }
          return relu ? max(0, v) : v
        }
      }
    }

    func gradients(_ dy: [Double]) -> (x: [Double], w: [Double], b: [Double]) {
      var dx: [Double] = []
      var dw = [Double](repeating: 0, count: C)
      var db = dw
      for p in 0..<x.count / C {
        let (values, rstd) = normal(p)
        let slope = (0..<C).map { dy[p * C + $0] * Double(w[$0]) }
        let mean = slope.reduce(0, +) / Double(C)
        let dot = zip(slope, values).reduce(0) { $0 + $1.0 * $1.1 } / Double(C)
        for c in 0..<C {
          dx.append(rstd * (slope[c] - mean - values[c] * dot))
          dw[c] += dy[p * C + c] * values[c]
          db[c] += dy[p * C + c]
        }
      }
      return (dx, dw, db)
    }
  }

  @Test(
    "layer normalisation, with addend and cut or without, agrees with its definition",
    arguments: Machine.all, channels)
  func layerNorm(_ machine: Machine, _ C: Int) {
    for P in Self.rows {
      expectNorm(machine, P, C, fused: false)
      expectNorm(machine, P, C, fused: true)
    }
  }

  /// `fused`: with an addend and a cut at 0.
  private func expectNorm(_ machine: Machine, _ P: Int, _ C: Int, fused: Bool) {
    var numbers = Numbers()
    let x = numbers.array(P * C, scale: 2, around: 0.3)
    let w = numbers.array(C, scale: 0.5, around: 1)
    let b = numbers.array(C)
    let addend = fused ? numbers.array(P * C) : []
    let dy = numbers.array(P * C)
    var y = unset(P * C)
    var (mean, rstd) = (unset(P), unset(P))
    var (dx, daddend) = (unset(P * C), unset(fused ? P * C : 0))
    var (dw, db) = ([Float](repeating: 0, count: C), [Float](repeating: 0, count: C))
    machine.run { table in
      addend.withUnsafeBufferPointer { addend in
        table.layer_norm(
          P, C, 1e-6, x, w, b, fused ? addend.baseAddress : nil, fused ? 1 : 0, &y, &mean, &rstd)
      }
      daddend.withUnsafeMutableBufferPointer { daddend in
        table.layer_norm_grad(
          P, C, x, w, mean, rstd, y, fused ? 1 : 0, dy, &dx, fused ? daddend.baseAddress : nil,
          &dw, &db)
      }
    }
    let plain = Plain(C: C, x: x, w: w, b: b)
    expectClose(y, plain.value(addend: addend, relu: fused), 1e-5, "y of \(P) rows")
    let cut = zip(dy, y).map { fused && $1 <= 0 ? 0 : Double($0) }
    let gradients = plain.gradients(cut)
    // With few channels dx is a small difference of large terms: measured by those.
    let terms = rstd.enumerated().flatMap { p, r in
      (0..<C).map { Double(r * abs(dy[p * C + $0] * w[$0])) }
    }
    let largest = max(terms.max() ?? 0, 1e-9)
    let error = zip(dx, gradients.x).reduce(0.0) { max($0, abs(Double($1.0) - $1.1)) } / largest
    #expect(error < 1e-5, "dx of \(P) rows is off by \(error)")
    expectClose(dw, gradients.w, 2e-5, "dw of \(P) rows")
    expectClose(db, gradients.b, 1e-5, "db of \(P) rows")
    if fused { expectClose(daddend, cut, 1e-7, "daddend of \(P) rows") }
  }

  @Test(
    "the norm that does not shift agrees with its definition", arguments: Machine.all, channels)
  func biasFreeNorm(_ machine: Machine, _ C: Int) {
    for P in Self.rows {
      var numbers = Numbers()
      let x = numbers.array(P * C, scale: 2, around: 0.3)
      let (w, dy) = (numbers.array(C, scale: 0.5, around: 1), numbers.array(P * C))
      var (y, dx) = (unset(P * C), unset(P * C))
      var (mean, rstd) = (unset(P), unset(P))
      var dw = [Float](repeating: 0, count: C)
      machine.run { table in
        table.bias_free_norm(P, C, 1e-6, x, w, &y, &mean, &rstd)
        table.bias_free_norm_grad(P, C, x, w, mean, rstd, dy, &dx, &dw)
      }
      let plain = Plain(C: C, x: x, w: w, b: w)
      var (values, slopes) = ([Double](), [Double]())
      var dwPlain = [Double](repeating: 0, count: C)
      var largest = 1e-9
      for p in 0..<P {
        let (normal, r) = plain.normal(p)
        let row = x[p * C..<(p + 1) * C].map { Double($0) }
        let g = (0..<C).map { Double(dy[p * C + $0]) * Double(w[$0]) }
        let along = zip(g, row).reduce(0) { $0 + $1.0 * $1.1 } / Double(C)
        for c in 0..<C {
          values.append(row[c] * r * Double(w[c]))
          slopes.append(r * (g[c] - normal[c] * r * along))
          largest = max(largest, r * abs(g[c]), r * r * abs(normal[c] * along))
          dwPlain[c] += Double(dy[p * C + c]) * row[c] * r
        }
      }
      expectClose(y, values, 1e-5, "y of \(P) rows")
      // With few channels dx is a small difference of large terms: measured by those.
      let error = zip(dx, slopes).reduce(0.0) { max($0, abs(Double($1.0) - $1.1)) } / largest
      #expect(error < 1e-5, "dx of \(P) rows is off by \(error)")
      expectClose(dw, dwPlain, 2e-5, "dw of \(P) rows")
    }
  }
}
