import CKernels
import Testing

/// Gates, factors of a channel and sums over pixels.
@Suite struct ChannelTests {
  @Test("a gate and its gradient agree with plain loops", arguments: Machine.all, MapSize.odd)
  func gate(_ machine: Machine, _ size: MapSize) {
    let (P, C) = (size.pixels, size.C)
    var numbers = Numbers()
    let x = numbers.array(2 * P * C)
    let dy = numbers.array(P * C)
    var y = unset(P * C)
    var dx = unset(2 * P * C)
    machine.run { table in
      table.gate(P, C, x, &y)
      table.gate_grad(P, C, x, dy, &dx)
    }
    for i in 0..<P * C {
      let (first, second) = (i / C * 2 * C + i % C, i / C * 2 * C + i % C + C)
      guard y[i] == x[first] * x[second], dx[first] == dy[i] * x[second],
        dx[second] == dy[i] * x[first]
      else {
        Issue.record("pixel \(i / C), channel \(i % C)")
        return
      }
    }
  }

  @Test("sums over pixels agree with double precision", arguments: Machine.all, MapSize.odd)
  func sums(_ machine: Machine, _ size: MapSize) {
    let (B, P, C) = (size.B, size.H * size.W, size.C)
    var numbers = Numbers()
    let x = numbers.array(size.count)
    let before = numbers.array(C)
    var sum = before
    var mean = unset(B * C)
    machine.run { table in
      table.column_sum(B * P, C, x, &sum)
      table.image_mean(B, P, C, x, &mean)
    }
    var means = [Double](repeating: 0, count: B * C)
    for (i, v) in x.enumerated() { means[i / (P * C) * C + i % C] += Double(v) / Double(P) }
    let sums = (0..<C).map { c in
      (0..<B).reduce(Double(before[c])) { $0 + means[$1 * C + c] * Double(P) }
    }
    expectClose(sum, sums, 2e-5, "column sum")
    expectClose(mean, means, 2e-5, "image mean")
  }

  @Test("factors of a channel and their gradients agree", arguments: Machine.all, MapSize.odd)
  func factors(_ machine: Machine, _ size: MapSize) {
    let (B, P, C) = (size.B, size.H * size.W, size.C)
    var numbers = Numbers()
    let (x, z) = (numbers.array(size.count), numbers.array(size.count))
    let (s, v) = (numbers.array(B * C), numbers.array(C))
    func factor(_ i: Int) -> Float { s[i / (P * C) * C + i % C] }
    var y = unset(size.count)
    var (ds, dv) = (unset(B * C), [Float](repeating: 0, count: C))
    machine.run { table in
      table.image_spread(B, P, C, s, 0.5, &y)
      #expect(y == (0..<size.count).map { 0.5 * factor($0) })
      table.scale_channels(B, P, C, x, s, &y)
      #expect(y == x.indices.map { x[$0] * factor($0) })
      table.scale_channels_grad(B, P, C, x, s, z, &y, &ds)
      #expect(y == z.indices.map { z[$0] * factor($0) })
      table.scaled_residual_grad(B * P, C, x, v, z, &y, &dv)
      #expect(y == z.indices.map { z[$0] * v[$0 % C] })
      table.scaled_residual(B * P, C, x, z, v, &y)
    }
    expectClose(y, x.indices.map { Double(x[$0]) + Double(z[$0]) * Double(v[$0 % C]) }, 1e-6)
    var (images, total) = ([Double](repeating: 0, count: B * C), [Double](repeating: 0, count: C))
    for i in x.indices {
      images[i / (P * C) * C + i % C] += Double(x[i]) * Double(z[i])
      total[i % C] += Double(x[i]) * Double(z[i])
    }
    expectClose(ds, images, 2e-5, "ds")
    expectClose(dv, total, 2e-5, "dv")
  }
}
