import CKernels
import Testing

/// Flat operations, sums and the optimiser, at lengths round the vectors' and the parts' borders.
@Suite struct ElementwiseTests {
  static let lengths = [1, 3, 5, 17, 127, 4097, 200_003]

  @Test("element-wise operations agree with plain loops", arguments: Machine.all, lengths)
  func elementwise(_ machine: Machine, _ n: Int) {
    var numbers = Numbers()
    var (a, b) = (numbers.array(n), numbers.array(n))
    a[n / 2] = b[n / 2]
    a[0] = 0
    var y = unset(n)
    machine.run { table in
      table.add(n, a, b, &y)
      #expect(y == zip(a, b).map { $0 + $1 })
      table.multiply(n, a, b, &y)
      #expect(y == zip(a, b).map { $0 * $1 })
      table.scale(n, 0.3, a, &y)
      #expect(y == a.map { 0.3 * $0 })
      table.relu(n, a, &y)
      #expect(y == a.map { max(0, $0) })
      table.relu_grad(n, a, b, &y)
      #expect(y == zip(a, b).map { $0 > 0 ? $1 : 0 })
      table.sign_difference(n, 0.25, a, b, &y)
      #expect(y == zip(a, b).map { $0 > $1 ? 0.25 : $0 < $1 ? -0.25 : 0 })
      y = b
      table.axpy(n, 0.3, a, &y)
    }
    expectClose(y, zip(a, b).map { Double($1) + Double(0.3 as Float) * Double($0) }, 1e-6, "axpy")
  }

  @Test("sums agree with double precision", arguments: Machine.all, lengths)
  func sums(_ machine: Machine, _ n: Int) {
    var numbers = Numbers()
    let (a, b) = (numbers.array(n), numbers.array(n))
    let pairs = zip(a, b).map { (Double($0), Double($1)) }
    let size = pairs.reduce(0) { $0 + abs($1.0 * $1.1) } + 1e-9
    machine.run { table in
      let dot = pairs.reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(table.dot(n, a, b) - dot) < 2e-6 * size)
      let absolute = pairs.reduce(0) { $0 + abs($1.0 - $1.1) }
      #expect(abs(table.sum_absolute_difference(n, a, b) / absolute - 1) < 2e-6)
      let squared = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      #expect(abs(table.sum_squared_difference(n, a, b) / squared - 1) < 2e-6)
    }
  }

  @Test("one value that is not finite is found anywhere", arguments: Machine.all, lengths)
  func finite(_ machine: Machine, _ n: Int) {
    var numbers = Numbers()
    var a = numbers.array(n)
    machine.run { table in
      #expect(table.all_finite(n, a) == 1)
      for place in Set([0, n / 2, n - 1]) {
        for value in [Float.nan, .infinity, -.infinity] {
          let before = a[place]
          a[place] = value
          #expect(table.all_finite(n, a) == 0)
          a[place] = before
        }
      }
    }
  }

  @Test("what is not a number passes the cut", arguments: Machine.all)
  func notANumber(_ machine: Machine) {
    var y = [Float](repeating: 0, count: 20)
    let x = (0..<20).map { $0 % 3 == 0 ? Float.nan : -1 }
    machine.run { $0.relu(20, x, &y) }
    #expect(zip(x, y).allSatisfy { $0.isNaN ? $1.isNaN : $1 == 0 })
  }

  @Test(
    "AdamW and the running average agree with double precision", arguments: Machine.all, lengths)
  func optimizer(_ machine: Machine, _ n: Int) {
    var numbers = Numbers()
    let (p, g, m) = (numbers.array(n), numbers.array(n), numbers.array(n))
    let v = numbers.array(n, scale: 0.5, around: 0.5)
    let e = numbers.array(n)
    var (p1, m1, v1, e1) = (p, m, v, e)
    machine.run { table in
      table.adamw(n, &p1, g, &m1, &v1, 1e-3, 0.9, 0.99, 1e-8, 0.1, 3)
      table.ema(n, 0.9, p, &e1)
    }
    let first = zip(m, g).map { 0.9 * Double($0) + 0.1 * Double($1) }
    let second = zip(v, g).map { 0.99 * Double($0) + 0.01 * Double($1) * Double($1) }
    let updated = (0..<n).map { i in
      let root = (second[i] / (1 - 0.970299)).squareRoot() + 1e-8
      return Double(p[i]) * (1 - 1e-4) - 1e-3 * first[i] / (1 - 0.729) / root
    }
    expectClose(p1, updated, 2e-6, "p")
    expectClose(m1, first, 1e-6, "m")
    expectClose(v1, second, 1e-6, "v")
    expectClose(e1, zip(e, p).map { 0.9 * Double($0) + 0.1 * Double($1) }, 1e-6, "average")
  }
}
