import CKernels
import Testing

/// Dense and depthwise 3x3 convolutions against plain loops.
@Suite struct ConvolutionTests {
  struct Dense: CustomTestStringConvertible, Sendable {
    let size: MapSize
    let out: Int
    var testDescription: String { "\(size.testDescription) to \(out)" }
    init(_ B: Int, _ H: Int, _ W: Int, _ C: Int, to out: Int) {
      (size, self.out) = (MapSize(B, H, W, C), out)
    }
  }
  static let shapes = [
    Dense(1, 1, 1, 1, to: 1), Dense(2, 5, 7, 3, to: 5), Dense(1, 3, 2, 5, to: 127),
    Dense(3, 9, 4, 24, to: 12), Dense(2, 16, 16, 32, to: 32), Dense(1, 17, 19, 127, to: 33),
    Dense(1, 20, 36, 3, to: 64), Dense(1, 36, 20, 64, to: 3), Dense(1, 6, 5, 300, to: 40),
    Dense(1, 7, 8, 272, to: 256),
  ]

  @Test("a dense 3x3 convolution agrees with plain loops", arguments: shapes)
  func dense(_ shape: Dense) {
    let size = shape.size
    var numbers = Numbers()
    let x = numbers.array(size.count)
    let w = numbers.array(9 * size.C * shape.out)
    let bias = numbers.array(shape.out)
    let dy = numbers.array(size.pixels * shape.out)
    let plain = PlainConvolution(size: size, out: shape.out, weights: w, isDepthwise: false)
    let expected = plain.all(x, bias: bias, dy.map { Double($0) })
    for machine in Machine.all {
      var results = Results(y: dy.count, dx: x.count, dw: w.count, db: shape.out)
      machine.run { table in
        table.conv3x3(size.B, size.H, size.W, size.C, shape.out, x, w, bias, &results.y)
        table.conv3x3_grad_input(size.B, size.H, size.W, size.C, shape.out, dy, w, &results.dx)
        table.conv3x3_grad_weight(
          size.B, size.H, size.W, size.C, shape.out, x, dy, &results.dw, &results.db)
      }
      results.expect(expected, machine)
    }
  }

  @Test("weight gradients add to what is there, bias or no bias", arguments: Machine.all)
  func accumulation(_ machine: Machine) {
    let size = MapSize(2, 6, 6, 16)
    var numbers = Numbers()
    let x = numbers.array(size.count)
    let dy = numbers.array(size.count)
    var once = [Float](repeating: 0, count: 9 * 16 * 16)
    var twice = once
    var depthwise = [Float](repeating: 0, count: 9 * 16)
    var depthwiseTwice = depthwise
    machine.run { table in
      table.conv3x3_grad_weight(2, 6, 6, 16, 16, x, dy, &once, nil)
      table.depthwise3x3_grad_weight(2, 6, 6, 16, x, dy, &depthwise, nil)
      for _ in 0..<2 {
        table.conv3x3_grad_weight(2, 6, 6, 16, 16, x, dy, &twice, nil)
        table.depthwise3x3_grad_weight(2, 6, 6, 16, x, dy, &depthwiseTwice, nil)
      }
    }
    expectClose(twice, once.map { 2 * Double($0) }, 1e-6)
    expectClose(depthwiseTwice, depthwise.map { 2 * Double($0) }, 1e-6)
  }

  @Test("a depthwise 3x3 convolution agrees with plain loops", arguments: MapSize.odd)
  func depthwise(_ size: MapSize) {
    var numbers = Numbers()
    let x = numbers.array(size.count)
    let w = numbers.array(9 * size.C)
    let bias = numbers.array(size.C)
    let dy = numbers.array(size.count)
    let plain = PlainConvolution(size: size, out: size.C, weights: w, isDepthwise: true)
    let expected = plain.all(x, bias: bias, dy.map { Double($0) })
    for machine in Machine.all {
      var results = Results(y: x.count, dx: x.count, dw: w.count, db: size.C)
      machine.run { table in
        table.depthwise3x3(size.B, size.H, size.W, size.C, x, w, bias, &results.y)
        table.depthwise3x3_grad_input(size.B, size.H, size.W, size.C, dy, w, &results.dx)
        table.depthwise3x3_grad_weight(
          size.B, size.H, size.W, size.C, x, dy, &results.dw, &results.db)
      }
      results.expect(expected, machine)
    }
  }

  @Test(
    "depthwise and gate in one agree with one after the other", arguments: MapSize.odd)
  func depthwiseGate(_ size: MapSize) {
    let (C, doubled) = (size.C, MapSize(size.B, size.H, size.W, 2 * size.C))
    var numbers = Numbers()
    let x = numbers.array(doubled.count)
    let w = numbers.array(18 * C)
    let bias = numbers.array(2 * C)
    let dy = numbers.array(size.count)
    let plain = PlainConvolution(size: doubled, out: 2 * C, weights: w, isDepthwise: true)
    let t = plain(x, bias: bias)
    var slope = [Double](repeating: 0, count: t.count)
    var gated = [Double](repeating: 0, count: size.count)
    for i in 0..<size.count {
      let first = i / C * 2 * C + i % C
      gated[i] = t[first] * t[first + C]
      slope[first] = Double(dy[i]) * t[first + C]
      slope[first + C] = Double(dy[i]) * t[first]
    }
    var expected = plain.all(x, bias: bias, slope)
    expected.y = gated
    for machine in Machine.all {
      var results = Results(y: size.count, dx: x.count, dw: w.count, db: 2 * C)
      machine.run { table in
        table.depthwise_gate(size.B, size.H, size.W, C, x, w, bias, &results.y)
        table.depthwise_gate_grad(
          size.B, size.H, size.W, C, x, w, bias, dy, &results.dx, &results.dw, &results.db)
      }
      results.expect(expected, machine)
    }
  }
}

/// What the kernels of one convolution leave.
private struct Results {
  var y: [Float]
  var dx: [Float]
  var dw: [Float]
  var db: [Float]

  init(y: Int, dx: Int, dw: Int, db: Int) {
    (self.y, self.dx) = (unset(y), unset(dx))
    self.dw = Array(repeating: 0, count: dw)
    self.db = Array(repeating: 0, count: db)
  }

  func expect(_ plain: PlainConvolution.Results, _ machine: Machine) {
    let name = machine.testDescription
    expectClose(y, plain.y, 3e-6, "\(name): y")
    expectClose(dx, plain.dx, 3e-6, "\(name): dx")
    expectClose(dw, plain.dw, 1e-5, "\(name): dw")
    expectClose(db, plain.db, 1e-5, "\(name): dbias")
  }
}
