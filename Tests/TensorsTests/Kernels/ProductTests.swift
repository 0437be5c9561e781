import CKernels
import Testing

/// Matrix products against three plain loops.
@Suite struct ProductTests {
  struct Size: CustomTestStringConvertible, Sendable {
    let m: Int
    let n: Int
    let k: Int
    var testDescription: String { "\(m)x\(k) times \(k)x\(n)" }
    init(_ m: Int, _ n: Int, _ k: Int) { (self.m, self.n, self.k) = (m, n, k) }
  }
  static let sizes = [
    Size(1, 1, 1), Size(3, 5, 12), Size(5, 3, 127), Size(33, 127, 24), Size(127, 24, 5),
    Size(300, 64, 300), Size(1000, 32, 16), Size(70, 288, 512), Size(64, 48, 1024),
    Size(13, 17, 700),
  ]

  @Test(
    "a product agrees with the plain one, for either order of storage", arguments: sizes)
  func product(_ size: Size) {
    for form in 0..<8 {
      expectProduct(
        size, ta: form & 1 != 0, tb: form & 2 != 0, adding: form & 4 != 0,
        withBias: (form ^ form >> 2) & 1 == 0)
    }
  }

  private func expectProduct(
    _ size: Size, ta: Bool, tb: Bool, adding: Bool, withBias: Bool
  ) {
    let (m, n, k) = (size.m, size.n, size.k)
    var numbers = Numbers()
    let a = numbers.array(m * k)
    let b = numbers.array(k * n)
    let bias = withBias ? numbers.array(n) : []
    let before = adding ? numbers.array(m * n) : unset(m * n)
    var plain = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        var sum = withBias ? Double(bias[j]) : 0
        if adding { sum += Double(before[i * n + j]) }
        for q in 0..<k {
          sum += Double(a[ta ? q * m + i : i * k + q]) * Double(b[tb ? j * k + q : q * n + j])
        }
        plain[i * n + j] = sum
      }
    }
    for machine in Machine.all {
      var c = before
      machine.run { table in
        bias.withUnsafeBufferPointer { bias in
          before.withUnsafeBufferPointer { before in
            c.withUnsafeMutableBufferPointer { c in
              // What is added lies in the result itself, or apart from it.
              let addend = ta ? UnsafePointer(c.baseAddress) : before.baseAddress
              table.gemm(
                ta ? 1 : 0, tb ? 1 : 0, m, n, k, a, ta ? m : k, b, tb ? k : n,
                withBias ? bias.baseAddress : nil, adding ? addend : nil, c.baseAddress, n)
            }
          }
        }
      }
      let form = "ta \(ta) tb \(tb) adding \(adding) bias \(withBias)"
      expectClose(c, plain, 3e-6, "\(machine.testDescription): \(form)")
    }
  }

  @Test("a product reads and writes only its part of wider matrices", arguments: Machine.all)
  func strides(_ machine: Machine) {
    let (m, n, k) = (21, 19, 33)
    var numbers = Numbers()
    let a = numbers.array(m * (k + 3))
    let b = numbers.array(k * (n + 5))
    var c = [Float](repeating: 7, count: m * (n + 2))
    machine.run { $0.gemm(0, 0, m, n, k, a, k + 3, b, n + 5, nil, nil, &c, n + 2) }
    for i in 0..<m {
      #expect(c[i * (n + 2) + n] == 7 && c[i * (n + 2) + n + 1] == 7)
      let plain = (0..<n).map { j in
        (0..<k).reduce(0.0) { $0 + Double(a[i * (k + 3) + $1]) * Double(b[$1 * (n + 5) + j]) }
      }
      expectClose(Array(c[i * (n + 2)..<i * (n + 2) + n]), plain)
    }
  }
}
