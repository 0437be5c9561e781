/// Elementary functions that give the same bits on every CPU and C library.
///
/// Only IEEE additions, products, divisions and square roots are used, in a fixed order; Swift never
/// fuses them. Relative error is below 4e-16 for `exp` and `log`, absolute error below 3e-16 for
/// `sin` and `cos` (|x| up to 1e5). The C library's own functions may differ in the last bit between
/// versions, and one bit is enough to break a digest.
public enum ExactMath {
  private static let ln2High = 0x1.62e42fefa3800p-1
  private static let ln2Low = 0x1.ef35793c76730p-45
  private static let halfPiHigh = 0x1.921fb54400000p+0
  private static let halfPiMiddle = 0x1.0b4611a600000p-34
  private static let halfPiLow = 0x1.3198a2e037073p-69

  /// Returns e to the power `x`; 0 below -745, infinity above 709.7.
  public static func exp(_ x: Double) -> Double {
    if x < -745 { return 0 }
    if x > 709.7 { return .infinity }
    let k = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let r = (x - k * ln2High) - k * ln2Low
    var sum = 1.0
    var n = 13.0
    while n >= 1 {
      sum = 1 + r * sum / n
      n -= 1
    }
    return scale(sum, Int(k))
  }

  /// Returns the natural logarithm of `x`; minus infinity at 0, not a number below it.
  public static func log(_ x: Double) -> Double {
    if x == 0 { return -.infinity }
    guard x > 0, x.isFinite else { return x == .infinity ? x : .nan }
    var exponent = Double(x.exponent)
    var m = x.significand
    if m > 1.4142135623730951 {
      m *= 0.5
      exponent += 1
    }
    let s = (m - 1) / (m + 1)
    let z = s * s
    var sum = 0.0
    var n = 23.0
    while n >= 3 {
      sum = z * (1 / n + sum)
      n -= 2
    }
    return exponent * ln2High + (2 * s + (2 * s * sum + exponent * ln2Low))
  }

  /// Returns `x` to the power `y` for `x` >= 0.
  public static func pow(_ x: Double, _ y: Double) -> Double {
    if y == 0 { return 1 }
    return x == 0 ? 0 : exp(y * log(x))
  }

  /// Returns the sine of `x` radians.
  public static func sin(_ x: Double) -> Double { sincos(x).sin }

  /// Returns the cosine of `x` radians.
  public static func cos(_ x: Double) -> Double { sincos(x).cos }

  /// Returns sine and cosine of `x` radians together.
  public static func sincos(_ x: Double) -> (sin: Double, cos: Double) {
    let k = (x * 0.6366197723675814).rounded(.toNearestOrEven)
    let r = ((x - k * halfPiHigh) - k * halfPiMiddle) - k * halfPiLow
    let z = r * r
    var s = 0.0
    var c = 0.0
    var n = 19.0
    while n >= 3 {
      s = -z / (n * (n - 1)) * (1 + s)
      c = -z / ((n - 1) * (n - 2)) * (1 + c)
      n -= 2
    }
    let sine = r + r * s
    let cosine = 1 + c
    switch Int(k) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  /// Returns the angle of the point (`x`, `y`) in radians, in (-pi, pi].
  public static func atan2(_ y: Double, _ x: Double) -> Double {
    if x == 0 && y == 0 { return 0 }
    let flipped = abs(y) > abs(x)
    let angle = atanUnit(flipped ? abs(x) / abs(y) : abs(y) / abs(x))
    let first = flipped ? Double.pi / 2 - angle : angle
    let upper = x < 0 ? Double.pi - first : first
    return y < 0 ? -upper : upper
  }

  /// The arc tangent on 0...1: two half-angle steps, then the series.
  private static func atanUnit(_ t: Double) -> Double {
    var t = t
    for _ in 0..<3 { t = t / (1 + (1 + t * t).squareRoot()) }
    let z = t * t
    var sum = 0.0
    var n = 21.0
    while n >= 3 {
      sum = -z * (1 / n + sum)
      n -= 2
    }
    return 8 * (t + t * sum)
  }

  private static func scale(_ x: Double, _ k: Int) -> Double {
    // Two factors, so that a result below 2^-1022 is reached without the factor itself vanishing.
    let half = k / 2
    return x * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: k - half, significand: 1)
  }
}
