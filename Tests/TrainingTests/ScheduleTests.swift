import Basics
import TestSupport
import Testing

@testable import Training

/// Schedules against the reference's numbers.
@Suite struct ScheduleTests {
  static let cases: [(name: String, json: JSON)] = {
    let path = Golden.path("units/schedules.json")
    let file = (try? readFile(path)).flatMap { try? JSON(parsing: $0, place: path) }
    return (file?["cases"]?.object ?? []).map { ($0.key, $0.value) }
  }()

  @Test("the golden file has its twelve cases") func goldenFileIsThere() {
    #expect(ScheduleTests.cases.count >= 12)
  }

  @Test("rates equal the reference's", arguments: cases.indices)
  func ratesEqualReference(index: Int) throws {
    let (name, json) = ScheduleTests.cases[index]
    let expected = (json["lr"]?.array ?? []).compactMap(\.double)
    #expect(!expected.isEmpty)
    let base = try #require(json["base_lr"]?.double)
    let rates = try schedule(name, json).rates(
      base: base, warmup: json["warmup_iter"]?.integer ?? 0, count: expected.count)
    for (i, (rate, reference)) in zip(rates, expected).enumerated() {
      #expect(abs(rate - reference) <= 1e-9 * reference, "\(name), iteration \(i + 1)")
    }
  }

  private func schedule(_ name: String, _ json: JSON) throws -> Schedule {
    let parameters = try #require(json["params"])
    func integers(_ key: String) -> [Int] {
      parameters[key]?.array?.compactMap(\.integer) ?? []
    }
    func numbers(_ key: String) -> [Double] {
      parameters[key]?.array?.compactMap(\.double) ?? []
    }
    if parameters["periods"] != nil {
      let minima = parameters["eta_min"]?.double.map { [$0] } ?? numbers("eta_min")
      return .cosineRestart(
        periods: integers("periods"), weights: numbers("restart_weights"),
        minima: minima.isEmpty ? numbers("eta_mins") : minima)
    }
    if parameters["milestones"] != nil {
      let restarts = integers("restarts")
      return .multiStep(
        milestones: integers("milestones"), gamma: try #require(parameters["gamma"]?.double),
        restarts: restarts, weights: restarts.isEmpty ? [] : numbers("restart_weights"))
    }
    if let period = parameters["T_max"]?.integer {
      return .trueCosine(period: period, minimum: try #require(parameters["eta_min"]?.double))
    }
    if let total = parameters["total_iter"]?.integer { return .linear(total: total) }
    return .linearWarmupCosine(
      warmup: try #require(parameters["warmup_epochs"]?.integer),
      total: try #require(parameters["max_epochs"]?.integer))
  }
}
