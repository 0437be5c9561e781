import Basics

/// The radii of the leaves that meet a frame, when radii in the plane follow r^-3.
///
/// A leaf of radius r meets a frame of w x h with odds (w + 2r)(h + 2r), so the density is
/// r^-3 (w + 2r)(h + 2r); its integral is tabulated once and inverted by search.
package struct LeafSizes {
  private let logRadii: [Double]
  private let shares: [Double]

  package init(smallest: Double, largest: Double, width: Double, height: Double) {
    func integral(_ r: Double) -> Double {
      width * height / 2 * (1 / (smallest * smallest) - 1 / (r * r))
        + 2 * (width + height) * (1 / smallest - 1 / r) + 4 * ExactMath.log(r / smallest)
    }
    let (low, high) = (ExactMath.log(smallest), ExactMath.log(largest))
    let whole = integral(largest)
    logRadii = (0...256).map { low + (high - low) * Double($0) / 256 }
    shares = logRadii.map { integral(ExactMath.exp($0)) / whole }
  }

  /// Returns the radius below which a share `u` of the leaves lies.
  package func radius(_ u: Double) -> Double {
    var (low, high) = (0, 256)
    while high - low > 1 {
      let middle = (low + high) / 2
      if shares[middle] <= u { low = middle } else { high = middle }
    }
    let t = (u - shares[low]) / max(shares[high] - shares[low], 1e-300)
    return ExactMath.exp(logRadii[low] + (logRadii[high] - logRadii[low]) * min(t, 1))
  }
}
