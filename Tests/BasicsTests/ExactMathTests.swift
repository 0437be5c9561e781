import Basics
import Foundation
import Testing

@Suite struct ExactMathTests {
  @Test("exp, log, sin, cos and atan2 agree with the C library to a few ulps")
  func agreesWithLibm() {
    var random = RandomStream(seed: 1)
    for _ in 0..<20_000 {
      let x = random.uniform(-50, 50)
      #expect(abs(ExactMath.exp(x) / exp(x) - 1) < 1e-15)
      let y = ExactMath.exp(x)
      #expect(abs(ExactMath.log(y) - log(y)) <= 4e-16 * max(1, abs(log(y))))
      #expect(abs(ExactMath.sin(x) - sin(x)) < 3e-16)
      #expect(abs(ExactMath.cos(x) - cos(x)) < 3e-16)
      let z = random.uniform(-50, 50)
      #expect(abs(ExactMath.atan2(x, z) - atan2(x, z)) < 1e-15)
    }
  }

  @Test("the ends of the range are exact")
  func ends() {
    #expect(ExactMath.exp(0) == 1)
    #expect(ExactMath.log(1) == 0)
    #expect(ExactMath.pow(0, 2.4) == 0)
    #expect(ExactMath.exp(-800) == 0)
    #expect(ExactMath.log(0) == -.infinity)
    #expect(ExactMath.sin(0) == 0)
    #expect(ExactMath.cos(0) == 1)
  }
}
