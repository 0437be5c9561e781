import Glibc

/// Attention by its definition, in double precision.
enum PlainAttention {
  /// Between the channels of each head, over P pixels of each of B pictures.
  static func ofChannels(
    _ qkv: [Float], _ B: Int, _ P: Int, _ C: Int, heads: Int, temperature: [Float], softmax: Bool
  ) -> [Double] {
    let d = C / heads
    var y = [Double](repeating: 0, count: B * P * C)
    for b in 0..<B {
      func column(_ group: Int, _ channel: Int) -> [Double] {
        (0..<P).map { Double(qkv[(b * P + $0) * 3 * C + group * C + channel]) }
      }
      for head in 0..<heads {
        let places = head * d..<(head + 1) * d
        let (q, k) = (places.map { unit(column(0, $0)) }, places.map { unit(column(1, $0)) })
        let v = places.map { column(2, $0) }
        for (i, place) in places.enumerated() {
          let scores = k.map { dot(q[i], $0) * Double(temperature[head]) }
          let weights = softmax ? self.softmax(scores) : scores.map { max(0, $0) }
          for p in 0..<P {
            y[(b * P + p) * C + place] = zip(weights, v).reduce(0) { $0 + $1.0 * $1.1[p] }
          }
        }
      }
    }
    return y
  }

  /// Between the pixels of each window.
  ///
  /// - Parameters:
  ///   - bias: Of a head, a query and a key.
  ///   - mask: Of a window of the map, a query and a key.
  static func inWindows(
    _ qkv: [Float], _ size: MapSize, heads: Int, side: Int, shift: Int,
    bias: (Int, Int, Int) -> Double, mask: (Int, Int, Int) -> Double
  ) -> [Double] {
    let (C, d, across) = (size.C, size.C / heads, size.W / side)
    var y = [Double](repeating: 0, count: size.count)
    for b in 0..<size.B {
      for window in 0..<(size.H / side) * across {
        let pixels = (0..<side * side).map { i in
          let row = (window / across * side + i / side + shift) % size.H
          let column = (window % across * side + i % side + shift) % size.W
          return (b * size.H + row) * size.W + column
        }
        for head in 0..<heads {
          func vectors(_ group: Int) -> [[Double]] {
            pixels.map { p in
              (0..<d).map { Double(qkv[p * 3 * C + group * C + head * d + $0]) }
            }
          }
          let (q, k, v) = (vectors(0), vectors(1), vectors(2))
          for i in pixels.indices {
            let weights = softmax(
              pixels.indices.map { j in
                dot(q[i], k[j]) / Double(d).squareRoot() + bias(head, i, j) + mask(window, i, j)
              })
            for c in 0..<d {
              y[pixels[i] * C + head * d + c] = zip(weights, v).reduce(0) { $0 + $1.0 * $1.1[c] }
            }
          }
        }
      }
    }
    return y
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
  private static func unit(_ a: [Double]) -> [Double] {
    let length = max(dot(a, a).squareRoot(), 1e-12)
    return a.map { $0 / length }
  }
  private static func softmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
