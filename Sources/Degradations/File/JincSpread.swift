import Basics

/// The ideal circular low-pass kernel w J1(w r) / (2 pi r), w^2 / (4 pi) at its centre.
///
/// - Parameters:
///   - cutoff: The angular frequency w in radians a pixel above which nothing passes.
///   - size: Places in a row, odd.
func jincSpread(cutoff w: Double, size: Int) -> SpreadGrid {
  SpreadGrid(radius: size / 2) { dx, dy in
    if dx == 0 && dy == 0 { return w * w / (4 * .pi) }
    let r = Double(dx * dx + dy * dy).squareRoot()
    return w * besselJ1(w * r) / (2 * .pi * r)
  }
}

/// The Bessel function J1 of x >= 0, within 1e-14.
///
/// Miller's way: the recurrence J(n-1) = 2n/x J(n) - J(n+1) is stable downwards from any small start
/// well above x, and J0 + 2 (J2 + J4 + ...) = 1 gives the scale.
func besselJ1(_ x: Double) -> Double {
  if x < 1e-8 { return x / 2 }
  let top = 2 * (Int(x) / 2 + 20 + Int(3 * x.squareRoot()))
  var (above, here) = (0.0, 1e-300)
  var sum = 0.0
  for n in stride(from: top, to: 0, by: -1) {
    if n % 2 == 0 { sum += 2 * here }
    (above, here) = (here, 2 * Double(n) / x * here - above)
    if abs(here) > 1e200 {
      (above, here, sum) = (above * 1e-200, here * 1e-200, sum * 1e-200)
    }
  }
  return above / (sum + here)
}
