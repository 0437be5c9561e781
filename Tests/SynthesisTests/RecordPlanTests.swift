import Basics
import TestSupport
import Testing

@testable import Synthesis

@Suite struct RecordPlanTests {
  private let folder = TemporaryFolder()

  private func planner(_ text: String, _ split: Split = .train) throws -> RecordPlanner {
    let recipe = try recipe(text, in: folder)
    return RecordPlanner(recipe, split, try CleanSource(recipe, split: split, workers: 1))
  }

  @Test("classes come in their odds, in any stretch of records")
  func odds() throws {
    let planner = try planner(
      "classes: 5d\ncount: 1000\ndegradations: {haze: {weight: 3}, low-light: {weight: 1}}\n")
    for start in [0, 137, 900] {
      let names = (start..<start + 100).map { planner[$0].className }
      #expect(abs(names.count { $0 == "haze" } - 75) <= 3)
      #expect(Set(names) == ["haze", "low-light"])
    }
    #expect(planner[0].classNumber == (planner[0].className == "haze" ? 0 : 4))
  }

  @Test("severities fill the range, or are the levels") func severities() throws {
    let drawn = try planner("classes: 5d\ncount: 400\nseverity: [0.2, 0.6]\n")
    let values = (0..<400).flatMap { drawn[$0].ops.map(\.severity) }
    #expect(values.allSatisfy { 0.2 <= $0 && $0 <= 0.6 })
    #expect(abs(values.reduce(0, +) / 400 - 0.4) < 0.02)
    let levels = try planner("classes: 5d\ncount: 200\nlevels: [0.1, 0.5]\n")
    #expect(Set((0..<200).flatMap { levels[$0].ops.map(\.severity) }) == [0.1, 0.5])
  }

  @Test("a grid has every source with every class at every level, and one patch a source")
  func grid() throws {
    let planner = try planner(
      "classes: 5d\nsampling: grid\nlevels: [0.1, 0.9]\nclean: {pictures: 3}\n", .test)
    #expect(planner.count == 3 * 5 * 2)
    let plans = (0..<planner.count).map { planner[$0] }
    let cells = Set(plans.map { "\($0.source) \($0.className) \($0.ops[0].severity)" })
    #expect(cells.count == planner.count)
    #expect(plans.allSatisfy { $0.patch == $0.source })
    let error = #expect(throws: Problem.self) {
      try self.planner("classes: 5d\nsampling: grid\nlevels: [0.1]\n")
    }
    #expect(error?.place == "clean.pictures")
  }

  @Test("records of equal number in two splits draw different severities")
  func splits() throws {
    let train = try planner("classes: 5d\ncount: 50\n")
    let test = try planner("classes: 5d\ncount: 50\n", .test)
    #expect((0..<50).count { train[$0].ops == test[$0].ops } <= 2)
  }

  @Test("set gives a parameter, or what it is drawn from, and moves no other draw")
  func settings() throws {
    let plain = try planner("classes: 5d\ncount: 300\n")
    let planner = try planner(
      """
      classes: 5d
      count: 300
      degradations:
        haze: {set: {beta: [1, 2], airlight: [0.9, 0.9, 0.9]}}
        rain-streak: {}
        gaussian-noise: {set: {sigma: {choice: [15, 25, 50]}}}
        motion-blur: {set: {length: {log: [1, 100]}}}
        low-light: {}
      """)
    var found: [String: [JSON]] = [:]
    for plan in (0..<300).map({ planner[$0] }) {
      for member in plan.ops.flatMap(\.settings) {
        found[member.key, default: []].append(member.value)
      }
    }
    #expect((0..<300).allSatisfy { planner[$0].ops[0].severity == plain[$0].ops[0].severity })
    let beta = (found["beta"] ?? []).compactMap(\.double)
    #expect((58...62).contains(beta.count) && beta.allSatisfy { (1...2).contains($0) })
    let mean = beta.reduce(0, +) / Double(beta.count)
    #expect(abs(mean - 1.5) < 0.15)  // four deviations of the mean of 60 uniform draws
    #expect(found["airlight"]?.allSatisfy { $0 == [0.9, 0.9, 0.9] } == true)
    #expect(Set((found["sigma"] ?? []).compactMap(\.integer)) == [15, 25, 50])
    let short = (found["length"] ?? []).compactMap(\.double).count { $0 < 10 }
    #expect((15...45).contains(short))  // four deviations of sixty coins
  }

  @Test("a mixture has lengths in their odds, and no degradation twice")
  func mixture() throws {
    let planner = try planner(
      """
      classes: mixed
      count: 1000
      degradations:
        mixed: {from: [haze, rain-streak, gaussian-noise, low-light], lengths: [0.5, 0.3, 0.2]}
      """)
    let chains = (0..<1000).map { planner[$0].ops.map(\.name) }
    #expect(chains.allSatisfy { Set($0).count == $0.count && planner[0].className == "mixed" })
    for (length, share) in [(1, 500), (2, 300), (3, 200)] {
      #expect(abs(chains.count { $0.count == length } - share) < 65, "\(length)")
    }
  }

  @Test("a chain has its links in their odds, each with its own severity and parameters")
  func chain() throws {
    let planner = try planner(
      """
      classes: mixed
      count: 400
      order: given
      degradations:
        mixed:
          severity: [0.2, 0.4]
          chain:
            - {op: motion-blur, odds: 0.5, levels: [0.9]}
            - one_of:
              - {op: gaussian-noise, weight: 3, set: {sigma: 25}}
              - {op: low-light}
            - {op: motion-blur}
      """)
    let plans = (0..<400).map { planner[$0].ops }
    #expect(abs(plans.count { $0.count == 3 } - 200) < 41)
    let middle = plans.map { $0[$0.count - 2] }
    #expect(abs(middle.count { $0.name == "gaussian-noise" } - 300) < 36)
    #expect(
      middle.allSatisfy {
        ($0.name == "gaussian-noise") == ($0.settings == [.init("sigma", 25)])
      })
    let ends = plans.compactMap(\.last)
    #expect(ends.allSatisfy { $0.name == "motion-blur" && (0.2...0.4).contains($0.severity) })
    #expect(plans.allSatisfy { $0.count < 3 || $0[0].severity == 0.9 })
  }

  @Test("a link may choose among chains, whose links have odds of their own")
  func chainOfChains() throws {
    let planner = try planner(
      """
      classes: mixed
      count: 600
      order: given
      degradations:
        mixed:
          chain:
            - {op: haze}
            - one_of:
              - {weight: 2, chain: [{op: jpeg}, {op: sinc-blur, odds: 0.5}]}
              - {weight: 1, chain: [{op: sinc-blur, set: {cutoff: 2}}, {op: jpeg}]}
      """)
    let plans = (0..<600).map { planner[$0].ops }
    #expect(plans.allSatisfy { $0[0].name == "haze" })
    let tails = plans.map { $0.dropFirst().map(\.name) }
    for (tail, share) in [
      (["jpeg"], 200), (["jpeg", "sinc-blur"], 200), (["sinc-blur", "jpeg"], 200),
    ] {
      #expect(abs(tails.count { $0 == tail } - share) < 47, "\(tail)")  // four deviations
    }
    #expect(plans.allSatisfy { $0[1].name == "jpeg" || $0[1].settings == [.init("cutoff", 2)] })
    #expect(planner.recipe.json["degradations"]?["mixed"]?["chain"]?.array?.count == 2)
  }

  @Test("a path of motion blur may be chosen with the parameters that belong to it")
  func paths() throws {
    let planner = try planner(
      """
      classes: 5d
      count: 8
      degradations:
        motion-blur: {set: {path: rotation, centre: {value: [0.5, 0.5]}}}
      """)
    let settings: [JSON.Member] = [.init("path", "rotation"), .init("centre", [0.5, 0.5])]
    #expect(planner[0].ops[0].settings == settings)
    #expect(throws: Problem.self) {
      try recipe("classes: 5d\ndegradations: {motion-blur: {set: {path: spiral}}}\n", in: folder)
    }
  }

  @Test("a class of two degradations has both") func mixed() throws {
    let planner = try planner("classes: uir-19\ncount: 10\ndegradations: {motion-blur+jpeg: {}}\n")
    #expect(planner[3].ops.map(\.name) == ["motion-blur", "jpeg"])
  }
}
