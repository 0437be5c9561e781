import Basics
import Images
import Testing

import Degradations

@Suite("Gaussian noise") struct GaussianNoiseTests {
  private func noisy(_ value: Float, severity: Double, index: UInt64 = 0, side: Int = 256) throws
    -> (bytes: [UInt8], sigma: Double)
  {
    let gt = Image(width: side, height: side, filledWith: value)
    let chain = try DegradationChain([("gaussian-noise", severity)])
    let made = chain.apply(to: gt, scene: Scene(width: side, height: side), seed: 1, index: index)
    return (made.lq.bytes, try #require(made.steps[0].parameters["sigma"]?.double))
  }

  @Test("the deviation on a flat field is the label's sigma", arguments: [0.1, 0.3, 0.5])
  func deviation(severity: Double) throws {
    let (bytes, sigma) = try noisy(0.5, severity: severity)
    let mean = bytes.reduce(0) { $0 + Double($1) } / Double(bytes.count)
    let variance = bytes.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let deviation = (variance / Double(bytes.count)).squareRoot()
    // The deviation of 196,608 values has 0.16 % of itself as its own: six of them.
    #expect(abs(deviation - (sigma * sigma + 1 / 12).squareRoot()) < 0.01 * sigma)
  }

  @Test("the mean of a flat field stays: nothing is cut off")
  func mean() throws {
    let value: Float = 128.0 / 255
    for severity in [0.1, 0.3, 0.5] {
      var sigma = 0.0
      let sum = try (UInt64(0)..<16).reduce(0.0) { sum, index in
        let (bytes, label) = try noisy(value, severity: severity, index: index)
        sigma = label
        return sum + bytes.reduce(0) { $0 + Double($1) } / Double(bytes.count)
      }
      // Sixteen pictures hold 3.1 million values: the mean's own deviation is sigma / 1774. Five of them,
      // one false alarm in 1.7 million.
      #expect(abs(sum / 16 - 128) < 5 * sigma / 1774)
    }
  }

  @Test("two records have two patterns, and one record one")
  func patterns() throws {
    #expect(try noisy(0.5, severity: 0.5).bytes != noisy(0.5, severity: 0.5, index: 1).bytes)
    #expect(try noisy(0.5, severity: 0.5).bytes == noisy(0.5, severity: 0.5).bytes)
  }
}
