import CKernels
import Glibc
import Testing

/// Exponential and normal distribution without libm, and what is made of them.
@Suite struct ActivationTests {
  /// From where both are 0 to where GELU is its argument, among them what no multiple of a step meets.
  private static let values: [Float] =
    (0..<20_001).map { -12 + Float($0) * 0.0012 } + [0, -0.0, 1e-30, -1e-30, 40, -40, 300, -300]

  @Test("GELU and its slope agree with the error function", arguments: Machine.all)
  func gelu(_ machine: Machine) {
    let x = Self.values
    let ones = [Float](repeating: 1, count: x.count)
    var (y, dx) = (unset(x.count), unset(x.count))
    machine.run { table in
      table.gelu(x.count, x, &y)
      table.gelu_grad(x.count, x, ones, &dx)
    }
    for (i, value) in x.enumerated() {
      let v = Double(value)
      let below = 0.5 * erfc(-v / 2.0.squareRoot())
      let slope = below + v * exp(-v * v / 2) / (2 * Double.pi).squareRoot()
      #expect(abs(Double(y[i]) - v * below) < 5e-7 * max(1, abs(v)), "GELU of \(value)")
      #expect(abs(Double(dx[i]) - slope) < 6e-7, "slope at \(value)")
    }
  }

  @Test(
    "softmax agrees with its definition, whatever the length of a row", arguments: Machine.all,
    [1, 2, 5, 7, 16, 17, 33, 64, 127])
  func softmax(_ machine: Machine, _ k: Int) {
    var numbers = Numbers()
    let rows = 9
    let (x, dy) = (numbers.array(rows * k, scale: 60, around: 20), numbers.array(rows * k))
    var (y, dx) = (unset(x.count), unset(x.count))
    machine.run { table in
      table.softmax(rows, k, x, &y)
      table.softmax_grad(rows, k, y, dy, &dx)
    }
    for row in 0..<rows {
      let places = row * k..<(row + 1) * k
      let largest = x[places].max() ?? 0
      let powers = x[places].map { exp(Double($0 - largest)) }
      let sum = powers.reduce(0, +)
      let plain = powers.map { $0 / sum }
      expectClose(Array(y[places]), plain, 1e-6, "row \(row)")
      let along = zip(plain, dy[places]).reduce(0) { $0 + $1.0 * Double($1.1) }
      for (i, place) in places.enumerated() {
        #expect(abs(Double(dx[place]) - plain[i] * (Double(dy[place]) - along)) < 2e-6)
      }
    }
  }

  @Test(
    "a depthwise convolution with a GELU gate is the two apart, bias or no bias",
    arguments: Machine.all,
    [MapSize(1, 1, 1, 2), MapSize(2, 5, 7, 6), MapSize(1, 9, 4, 34), MapSize(2, 16, 16, 32)])
  func geluGate(_ machine: Machine, _ size: MapSize) {
    for hasBias in [false, true] {
      let gate = GateProblem(size, hasBias: hasBias)
      machine.run { table in
        let (fused, apart) = (gate.fused(table), gate.apart(table))
        expectClose(fused.y, apart.y.map { Double($0) }, 2e-6, "y")
        expectClose(fused.dx, apart.dx.map { Double($0) }, 5e-6, "dx")
        expectClose(fused.dw, apart.dw.map { Double($0) }, 1e-5, "dw, dbias")
      }
    }
  }
}

/// A depthwise convolution of an even count of channels, and the gate behind it.
private struct GateProblem {
  let size: MapSize
  let x: [Float]
  let w: [Float]
  let bias: [Float]?
  let dy: [Float]

  /// y, dx, and the gradients of weights and bias behind each other.
  typealias Results = (y: [Float], dx: [Float], dw: [Float])

  init(_ size: MapSize, hasBias: Bool) {
    var numbers = Numbers()
    (self.size, x, w) = (size, numbers.array(size.count), numbers.array(9 * size.C))
    bias = hasBias ? numbers.array(size.C) : nil
    dy = numbers.array(size.count / 2)
  }

  func fused(_ table: dk_table) -> Results {
    let (B, H, W, C) = (size.B, size.H, size.W, size.C)
    var (y, dx) = (unset(dy.count), unset(x.count))
    var (dw, dbias) = ([Float](repeating: 0, count: w.count), [Float](repeating: 0, count: C))
    if let bias {
      table.depthwise_gelu_gate(B, H, W, C / 2, x, w, bias, &y)
      table.depthwise_gelu_gate_grad(B, H, W, C / 2, x, w, bias, dy, &dx, &dw, &dbias)
    } else {
      table.depthwise_gelu_gate(B, H, W, C / 2, x, w, nil, &y)
      table.depthwise_gelu_gate_grad(B, H, W, C / 2, x, w, nil, dy, &dx, &dw, nil)
    }
    return (y, dx, dw + dbias)
  }

  func apart(_ table: dk_table) -> Results {
    let (B, H, W, C) = (size.B, size.H, size.W, size.C)
    var (t, dt, y) = (unset(x.count), unset(x.count), unset(dy.count))
    table.depthwise3x3(B, H, W, C, x, w, bias ?? [Float](repeating: 0, count: C), &t)
    for i in dy.indices {
      let (first, second) = (i / (C / 2) * C + i % (C / 2), i / (C / 2) * C + C / 2 + i % (C / 2))
      let v = Double(t[first])
      let below = 0.5 * erfc(-v / 2.0.squareRoot())
      let slope = below + v * exp(-v * v / 2) / (2 * Double.pi).squareRoot()
      y[i] = Float(v * below * Double(t[second]))
      dt[first] = Float(Double(dy[i]) * Double(t[second]) * slope)
      dt[second] = Float(Double(dy[i]) * v * below)
    }
    var dx = unset(x.count)
    var (dw, dbias) = ([Float](repeating: 0, count: w.count), [Float](repeating: 0, count: C))
    table.depthwise3x3_grad_input(B, H, W, C, dt, w, &dx)
    if bias == nil {
      table.depthwise3x3_grad_weight(B, H, W, C, x, dt, &dw, nil)
    } else {
      table.depthwise3x3_grad_weight(B, H, W, C, x, dt, &dw, &dbias)
    }
    return (y, dx, dw + dbias)
  }
}
