import Basics
import Foundation

/// One axis of a chart: its range, straight or logarithmic, and the numbers written along it.
struct ChartAxis {
  /// A place with a number, or a finer one without.
  struct Tick: Equatable {
    let value: Double
    let label: String
  }

  let low, high: Double
  let isLogarithmic: Bool
  let ticks: [Tick]

  /// Creates an axis that covers `values`; those that cannot be shown are left out.
  init(covering values: [Double], logarithmic: Bool = false, count: Int = 6) {
    isLogarithmic = logarithmic
    // Beyond 150 decades the steps themselves could no longer be computed.
    let shown = values.filter { abs($0) < 1e150 && (!logarithmic || $0 > 1e-150) }
    let least = shown.min() ?? (logarithmic ? 0.1 : 0)
    let most = shown.max() ?? 1
    (low, high, ticks) =
      logarithmic ? Self.decades(least, most) : Self.steps(least, most, count)
  }

  /// Returns the share of the axis, 0 at its low end, at which a value lies.
  func share(of value: Double) -> Double {
    isLogarithmic
      ? (log10(value) - log10(low)) / (log10(high) - log10(low)) : (value - low) / (high - low)
  }

  /// A range widened to whole steps of 1, 2 or 5 times a power of ten.
  private static func steps(_ least: Double, _ most: Double, _ count: Int)
    -> (Double, Double, [Tick])
  {
    let span = most - least > 1e-150 ? most - least : max(abs(most), 1)
    let rough = span / Double(count)
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10)
    let first = floor(least / step + 1e-9)
    let last = max(ceil(most / step - 1e-9), first + 1)
    let digits = max(0, -Int(floor(log10(step) + 1e-9)))
    let ticks = (0...Int(last - first)).map { i in
      let value = (first + Double(i)) * step
      return Tick(value: value, label: label(value, digits, thousands: abs(last * step) >= 1e4))
    }
    return (first * step, last * step, ticks)
  }

  /// A range widened to whole powers of ten, or to single digits of one when it spans few.
  private static func decades(_ least: Double, _ most: Double) -> (Double, Double, [Tick]) {
    let candidates = (Int(floor(log10(least))) - 1...Int(ceil(log10(most))) + 1).flatMap {
      exponent in
      [1, 2, 5].map {
        (digit: $0, value: Double($0) * pow(10, Double(exponent)), exponent: exponent)
      }
    }
    let low = candidates.last { $0.value <= least * 1.0001 }?.value ?? least
    let high = candidates.first { $0.value >= most * 0.9999 && $0.value > low }?.value ?? most
    let inside = candidates.filter { $0.value >= low * 0.9999 && $0.value <= high * 1.0001 }
    let wide = high / low > 2e3
    let ticks = inside.filter { !wide || $0.digit == 1 }.map {
      Tick(value: $0.value, label: label($0.value, max(0, -$0.exponent), thousands: high >= 1e4))
    }
    return (low, high, ticks)
  }

  /// A number as people write it: millions as M, thousands as k if asked, tiny ones with an exponent.
  private static func label(_ value: Double, _ digits: Int, thousands: Bool) -> String {
    let size = abs(value)
    if size >= 1e6 { return String(format: "%gM", value / 1e6) }
    if size >= 1e3 && thousands { return String(format: "%gk", value / 1e3) }
    if size > 0 && size < 1e-3 { return String(format: "%.0e", value) }
    return String(format: "%.\(digits)f", value)
  }
}
