import Basics
import Recipes

extension Schedule {
  /// Reads `train.scheduler`: the class names and parameters of BasicSR's option files.
  init(_ section: RecipeSection, totalIterations: Int) throws(Problem) {
    let types = [
      "TrueCosineAnnealingLR", "CosineAnnealingRestartLR", "CosineAnnealingRestartCyclicLR",
      "MultiStepLR", "MultiStepRestartLR", "LinearLR", "LinearWarmupCosineAnnealingLR",
    ]
    switch try section.word("type", default: types[0], among: types) {
    case "TrueCosineAnnealingLR":
      self = .trueCosine(
        period: try section.integer("T_max", default: totalIterations, in: 1...Int.max),
        minimum: try section.number("eta_min", default: 1e-6, in: 0...1))
    case "CosineAnnealingRestartLR": self = try Schedule.restarts(section, minima: "eta_min")
    case "CosineAnnealingRestartCyclicLR": self = try Schedule.restarts(section, minima: "eta_mins")
    case "LinearLR": self = .linear(total: totalIterations)
    case "LinearWarmupCosineAnnealingLR":
      self = .linearWarmupCosine(
        warmup: try section.integer("warmup_iter", in: 0...totalIterations), total: totalIterations)
    default: self = try Schedule.milestones(section)
    }
  }

  private static func restarts(_ section: RecipeSection, minima key: String) throws(Problem)
    -> Schedule
  {
    let periods = try section.integers("periods", atLeast: 1)
    let weights = try section.numbers(
      "restart_weights", default: periods.map { _ in 1 })
    let minima = try section.numbers(key, default: [0])
    guard !periods.isEmpty else { throw section.problem("periods", "is empty") }
    guard weights.count == periods.count else {
      throw section.problem(
        "restart_weights", "has \(weights.count) numbers for \(periods.count) periods")
    }
    guard minima.count == periods.count || minima.count == 1 else {
      throw section.problem(key, "has \(minima.count) numbers for \(periods.count) periods")
    }
    return .cosineRestart(periods: periods, weights: weights, minima: minima)
  }

  private static func milestones(_ section: RecipeSection) throws(Problem) -> Schedule {
    let milestones = try section.integers("milestones", atLeast: 1)
    let gamma = try section.number("gamma", default: 0.1, in: 0...1)
    let restarts = try section.integers("restarts", default: [0], atLeast: 0)
    let weights = try section.numbers("restart_weights", default: restarts.map { _ in 1 })
    guard weights.count == restarts.count else {
      throw section.problem(
        "restart_weights", "has \(weights.count) numbers for \(restarts.count) restarts")
    }
    return .multiStep(milestones: milestones, gamma: gamma, restarts: restarts, weights: weights)
  }
}
