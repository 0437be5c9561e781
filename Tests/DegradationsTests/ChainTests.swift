import Basics
import Degradations
import Images
import Testing

@Suite("Degradation chain") struct ChainTests {
  private let gt = testPicture(48, 40).gt
  private let scene = testPicture(48, 40).scene

  private func made(
    _ ops: [(String, Double)], space: Image.Space = .linear,
    order: DegradationChain.Order = .formation
  ) throws -> (lq: Image, steps: [ChainStep]) {
    let chain = try DegradationChain(
      ops.map { (name: $0.0, severity: $0.1) }, space: space, order: order)
    return chain.apply(to: gt, scene: scene, seed: 2, index: 3)
  }

  @Test("degradations are applied in order of formation, whatever order they are listed in")
  func formation() throws {
    let names = ["gaussian-noise", "motion-blur", "haze", "low-light", "rain-streak"]
    let one = try made(names.map { ($0, 0.5) })
    let other = try made(names.reversed().map { ($0, 0.5) })
    #expect(
      one.steps.map(\.op) == ["low-light", "haze", "rain-streak", "motion-blur", "gaussian-noise"])
    #expect(one.lq == other.lq)
    #expect(one.steps == other.steps)
  }

  @Test("a given order is kept when asked for")
  func givenOrder() throws {
    let steps = try made([("gaussian-noise", 0.5), ("haze", 0.5)], order: .given).steps
    #expect(steps.map(\.op) == ["gaussian-noise", "haze"])
  }

  @Test(
    "the label of a mixture makes the same picture again",
    arguments: [
      ["low-light", "motion-blur", "gaussian-noise"], ["haze", "rain-streak"],
      ["gaussian-noise", "low-light", "haze"],
    ], DegradationChain.Order.allCases)
  func mixture(names: [String], order: DegradationChain.Order) throws {
    let first = try made(names.map { ($0, 0.4) }, order: order)
    let steps = try first.steps.map { step throws in
      try ChainStep(JSON(parsing: Array(step.json.compact.utf8)[...], place: "label"))
    }
    let again = try DegradationChain.replay(steps, on: gt, scene: scene, seed: 2, index: 3)
    #expect(again == first.lq)
  }

  @Test("noise of low light is not blurred by the lens")
  func noiseBehindTheLens() throws {
    // On a flat picture blur changes nothing but noise that came before it.
    let flat = Image(width: 96, height: 96, filledWith: 0.7)
    func roughness(_ ops: [(name: String, severity: Double)]) throws -> Double {
      let lq = try DegradationChain(ops)
        .apply(to: flat, scene: Scene(width: 96, height: 96), seed: 2, index: 3).lq
      return (0..<96 * 95).reduce(0.0) { sum, i in
        let step = Double(lq.pixels[3 * (i + 96)] - lq.pixels[3 * i])
        return sum + step * step
      }
    }
    let alone = try roughness([("low-light", 0.5)])
    let blurred = try roughness([("low-light", 0.5), ("motion-blur", 0.9)])
    #expect(abs(blurred / alone - 1) < 0.1)
  }

  @Test("physical events work in linear light unless sRGB is asked for; file events never do")
  func spaces() throws {
    let ops = [("haze", 0.5), ("gaussian-noise", 0.2)]
    #expect(try made(ops).steps.map(\.space) == [.linear, .srgb])
    #expect(try made(ops, space: .srgb).steps.map(\.space) == [.srgb, .srgb])
    #expect(try made(ops).lq != made(ops, space: .srgb).lq)
  }

  @Test("an unknown name and a severity out of range are the user's mistakes")
  func mistakes() {
    #expect(throws: Problem("degradation 'haz'", "is unknown", fix: "did you mean 'haze'?")) {
      try DegradationChain([("haz", 0.5)])
    }
    #expect(throws: Problem("degradation 'haze'", "severity 1.5 is outside 0...1")) {
      try DegradationChain([("haze", 1.5)])
    }
    #expect(throws: Problem.self) { try DegradationChain([("haze", .nan)]) }
  }

  @Test("a label value out of range says where and what")
  func labelMistake() {
    #expect(throws: Problem("gaussian-noise.sigma", "wants a number in 0.0...255.0, found -3")) {
      try DegradationCatalog.type(named: "gaussian-noise").init(parameters: ["sigma": -3])
    }
  }

  @Test("the severity table is kept at, between and beyond the levels")
  func severity() {
    let sigma = SeverityScale(neutral: 0, levels: [8, 15, 25, 40, 60])
    #expect(
      [0.1, 0.3, 0.5, 0.7, 0.9].map { (sigma($0) * 1e6).rounded() / 1e6 } == [8, 15, 25, 40, 60])
    #expect(sigma(0) == 0 && abs(sigma(0.05) - 4) < 1e-9 && abs(sigma(0.4) - 20) < 1e-9)
    #expect(abs(sigma(1) - 70) < 1e-9)
    let haze = SeverityScale(neutral: 1, levels: [0.85, 0.7, 0.5, 0.35, 0.2])
    #expect(haze(0) == 1 && abs(haze(1) - 0.125) < 1e-9)
    // Photons at white, from the table of Poisson noise: interpolated in the logarithm.
    let photons = SeverityScale(neutral: 1e4, levels: [1000, 300, 100, 30, 10], inLog: true)
    #expect(abs(photons(1) - 5.7735) < 1e-3 && abs(photons(0.4) - 173.205) < 1e-2)
  }

  @Test("class numbers of the published sets never move")
  func classes() throws {
    let five = try ClassSet.named("5d")
    #expect(
      five.classes == ["haze", "rain-streak", "gaussian-noise", "motion-blur", "low-light"])
    #expect(try five.number(of: "motion-blur") == 3)
    #expect(try ClassSet.named("10d").number(of: "haze") == 4)
    #expect(try ClassSet.named("uir-19").number(of: "motion-blur+jpeg") == 16)
    #expect(try ClassSet.named("cdd-11").classes.count == 11)
    #expect(ClassSet.degradations(of: "low_haze_rain") == ["low-light", "haze", "rain-streak"])
    #expect(
      ClassSet.multiHot(["motion-blur", "low-light"])
        == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    #expect(throws: Problem("class set '5f'", "is unknown", fix: "did you mean '5d'?")) {
      try ClassSet.named("5f")
    }
  }

  @Test("every class of every set is made of degradations that have a place")
  func classesAreMadeOfPlaces() {
    for set in ClassSet.all where !set.needsChain {
      #expect(Set(set.classes).count == set.classes.count)
      for name in set.classes {
        for part in ClassSet.degradations(of: name) { #expect(ClassSet.places.contains(part)) }
      }
    }
  }
}
