/// A 3x3 convolution with zero padding 1 and its gradients, as plain loops in double precision.
struct PlainConvolution {
  let size: MapSize  // C: input channels
  let out: Int
  let weights: [Float]
  /// Whether a channel sees only its own: weights [3][3][C] rather than [3][3][C][out].
  let isDepthwise: Bool

  /// Calls `body` with the input's, the output's and the weight's place of every product there is.
  private func forEachProduct(_ body: (_ x: Int, _ y: Int, _ w: Int) -> Void) {
    for b in 0..<size.B {
      for i in 0..<size.H {
        for j in 0..<size.W {
          for tap in 0..<9 {
            let (r, q) = (i + tap / 3 - 1, j + tap % 3 - 1)
            guard r >= 0, q >= 0, r < size.H, q < size.W else { continue }
            let x = ((b * size.H + r) * size.W + q) * size.C
            let y = ((b * size.H + i) * size.W + j) * out
            for c in 0..<size.C {
              if isDepthwise {
                body(x + c, y + c, tap * size.C + c)
              } else {
                for o in 0..<out { body(x + c, y + o, (tap * size.C + c) * out + o) }
              }
            }
          }
        }
      }
    }
  }

  func callAsFunction(_ x: [Float], bias: [Float]) -> [Double] {
    var y = (0..<size.pixels * out).map { Double(bias[$0 % out]) }
    forEachProduct { y[$1] += Double(x[$0]) * Double(weights[$2]) }
    return y
  }

  func inputGradient(_ dy: [Double]) -> [Double] {
    var dx = [Double](repeating: 0, count: size.count)
    forEachProduct { dx[$0] += dy[$1] * Double(weights[$2]) }
    return dx
  }

  func weightGradient(_ x: [Float], _ dy: [Double]) -> [Double] {
    var dw = [Double](repeating: 0, count: weights.count)
    forEachProduct { dw[$2] += Double(x[$0]) * dy[$1] }
    return dw
  }

  func biasGradient(_ dy: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: out)
    for (i, d) in dy.enumerated() { sum[i % out] += d }
    return sum
  }

  typealias Results = (y: [Double], dx: [Double], dw: [Double], db: [Double])

  func all(_ x: [Float], bias: [Float], _ dy: [Double]) -> Results {
    (self(x, bias: bias), inputGradient(dy), weightGradient(x, dy), biasGradient(dy))
  }
}
