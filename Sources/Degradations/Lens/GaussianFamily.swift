import Basics

/// The six families of blur kernels round the Gaussian, and the odds with which they are drawn.
enum GaussianFamily: String, CaseIterable {
  case iso
  case aniso
  case generalizedIso = "generalized-iso"
  case generalizedAniso = "generalized-aniso"
  case plateauIso = "plateau-iso"
  case plateauAniso = "plateau-aniso"

  var isPlateau: Bool { self == .plateauIso || self == .plateauAniso }
  var isRound: Bool { self == .iso || self == .generalizedIso || self == .plateauIso }
  var isPlain: Bool { self == .iso || self == .aniso }

  /// Draws a family with the odds of Real-ESRGAN.
  init(drawing random: inout RandomStream) {
    let odds: [(GaussianFamily, Double)] = [
      (.iso, 0.45), (.aniso, 0.25), (.generalizedIso, 0.12), (.generalizedAniso, 0.03),
      (.plateauIso, 0.12),
    ]
    var left = random.uniform()
    for (family, share) in odds {
      left -= share
      if left < 0 {
        self = family
        return
      }
    }
    self = .plateauAniso
  }

  /// Draws the exponent: half below 1 and half above; a plateau never has less than 1.
  func exponent(drawing random: inout RandomStream) -> Double {
    let (flat, steep) = (random.uniform(0.5, 1), random.uniform(1, isPlateau ? 2 : 4))
    if random.chance(0.5) { return isPlain ? 1 : steep }
    return isPlain || isPlateau ? 1 : flat
  }
}

/// A kernel exp(-q^b / 2), or 1 / (1 + q^b) for a plateau, q = g^T S^-1 g.
///
/// S = R diag(sigmaX^2, sigmaY^2) R^T with R a turn by the angle, x to the right and y downwards.
struct GaussianSpread {
  let family: GaussianFamily
  let sigmaX: Double
  let sigmaY: Double
  /// In degrees.
  let angle: Double
  /// The exponent b.
  let beta: Double
  /// Places in a row, odd.
  let size: Int

  /// The windows that labels may name.
  static let sizes = 1...1023

  /// Whether the kernel is the product of a row and a column.
  var isSeparable: Bool {
    !family.isPlateau && beta == 1 && (sigmaX == sigmaY || angle == 0)
  }

  /// The kernel in full.
  var grid: SpreadGrid {
    let (s, c) = ExactMath.sincos(angle * .pi / 180)
    return SpreadGrid(radius: size / 2) { dx, dy in
      let (u, v) = (c * Double(dx) + s * Double(dy), c * Double(dy) - s * Double(dx))
      let q = u * u / (sigmaX * sigmaX) + v * v / (sigmaY * sigmaY)
      let power = beta == 1 ? q : ExactMath.pow(q, beta)
      return family.isPlateau ? 1 / (1 + power) : ExactMath.exp(-power / 2)
    }
  }

  /// The weights of one axis of a separable kernel.
  func profile(sigma: Double) -> [Double] {
    let values = (-(size / 2)...size / 2).map { i in
      ExactMath.exp(-Double(i * i) / (2 * sigma * sigma))
    }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }
}

extension GaussianSpread {
  /// Reads a kernel from its label.
  init(_ reader: ParameterReader) throws(Problem) {
    self.init(
      family: try reader.choice("family"), sigmaX: try reader.number("sigma_x", in: 0.001...256),
      sigmaY: try reader.number("sigma_y", in: 0.001...256),
      angle: try reader.number("angle", in: -360...360),
      beta: try reader.number("beta", in: 0.1...10),
      size: try reader.odd("size", in: GaussianSpread.sizes))
  }
}
