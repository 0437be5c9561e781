import Basics

/// How the learning rate goes over the iterations of a run.
///
/// The formulas and the odd corners (which side of a restart a boundary belongs to, what follows a
/// warm-up) are those of BasicSR's schedulers, Restormer's and PromptIR's.
public enum Schedule: Sendable, Equatable {
  /// Half cosines from the base rate times a weight down to a minimum, one after the other.
  case cosineRestart(periods: [Int], weights: [Double], minima: [Double])
  /// Times `gamma` at every milestone; at `restarts` back to the base rate times a weight.
  case multiStep(milestones: [Int], gamma: Double, restarts: [Int], weights: [Double])
  /// A cosine down to a minimum at `period` iterations, and up again behind it.
  case trueCosine(period: Int, minimum: Double)
  /// Straight down to zero at `total` iterations.
  case linear(total: Int)
  /// Straight up from zero, then a cosine down to zero; counted in iterations.
  case linearWarmupCosine(warmup: Int, total: Int)

  /// The rates of the iterations 1...count; element i is in force in iteration i + 1.
  ///
  /// The whole table, because two of the schedules continue from the rate before, whatever set it.
  ///
  /// - Parameter warmup: While the iteration is below it, the rate is base / warmup x iteration.
  /// - Source: `lr_scheduler.py` and `update_learning_rate` in XPixelGroup/BasicSR.
  public func rates(base: Double, warmup: Int = 0, count: Int) -> [Double] {
    var rates: [Double] = []
    rates.reserveCapacity(count)
    for i in 0..<count {
      let rate = rate(at: i, base: base, before: rates.last ?? base)
      rates.append(i + 1 < warmup ? base / Double(warmup) * Double(i + 1) : rate)
    }
    return rates
  }

  /// The rate after `i` steps of the schedule, `before` being the one in force until now.
  private func rate(at i: Int, base: Double, before: Double) -> Double {
    switch self {
    case .cosineRestart(let periods, let weights, let minima):
      Schedule.restartedCosine(i, base, periods, weights, minima)
    case .multiStep(let milestones, let gamma, let restarts, let weights):
      if let restart = restarts.firstIndex(of: i) {
        base * weights[restart]
      } else {
        milestones.reduce(before) { $1 == i ? $0 * gamma : $0 }
      }
    case .trueCosine(let period, let minimum):
      i == 0 ? before : Schedule.continuedCosine(i, base, before, period, minimum)
    case .linear(let total): base * (1 - Double(i) / Double(total))
    case .linearWarmupCosine(let warmup, let total):
      if i < warmup {
        base * Double(i) / Double(max(warmup - 1, 1))
      } else {
        base * Schedule.halfCosine(i - warmup, total - warmup)
      }
    }
  }

  /// A boundary iteration belongs to the period that ends there.
  private static func restartedCosine(
    _ i: Int, _ base: Double, _ periods: [Int], _ weights: [Double], _ minima: [Double]
  ) -> Double {
    var start = 0
    var k = 0
    while k < periods.count - 1 && i > start + periods[k] {
      start += periods[k]
      k += 1
    }
    let minimum = minima.count == 1 ? minima[0] : minima[k]
    return minimum + weights[k] * (base - minimum) * halfCosine(i - start, periods[k])
  }

  /// PyTorch's chained form: the rate before, rescaled, so that a warm-up leaves its mark for ever.
  private static func continuedCosine(
    _ i: Int, _ base: Double, _ before: Double, _ period: Int, _ minimum: Double
  ) -> Double {
    if (i - 1 - period) % (2 * period) == 0 {
      return before + (base - minimum) * (1 - ExactMath.cos(.pi / Double(period))) / 2
    }
    return halfCosine(i, period) / halfCosine(i - 1, period) * (before - minimum) + minimum
  }

  /// From 1 at 0 to 0 at `period`.
  private static func halfCosine(_ i: Int, _ period: Int) -> Double {
    0.5 * (1 + ExactMath.cos(.pi * Double(i) / Double(period)))
  }
}
