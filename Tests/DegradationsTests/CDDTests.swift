import Basics
import Degradations
import Images
import Testing
import TestSupport

/// The operators of CDD-11: against the golden composites, and as a form of chains.
@Suite("CDD-11 as published") struct CDDTests {
  private static let classes = [
    "low", "haze", "rain", "snow", "low_haze", "low_rain", "low_snow", "haze_rain", "haze_snow",
    "low_haze_rain", "low_haze_snow",
  ]

  @Test("the composites agree with the golden ones", arguments: classes)
  func composites(name: String) throws {
    let golden = try GoldenFamily("cdd11")
    let image = try composite(Set(name.split(separator: "_").map(String.init)), golden)
    let codes = try golden.codes(name + "_u8")
    #expect(greatest(image.bytes, codes) <= (try golden.tolerance("u8")))
    if golden.names.contains(name) {
      #expect(greatest(image.pixels, try golden.floats(name)) <= (try golden.tolerance("float")))
    }
  }

  @Test("guided light and transmission agree with the golden maps")
  func maps() throws {
    let golden = try GoldenFamily("cdd11")
    let input = try GoldenInput()
    let light = CDD.guidedLight(input.image, light: try mask("light_u8"))
    let limit = try golden.tolerance("float")
    #expect(greatest(light, try golden.floats("guided_light")) <= limit)
    let beta = try #require(golden.facts["params"]?["haze_beta"]?.double)
    let t = CDD.transmission(input.scene, beta: beta)
    #expect(greatest(t, try golden.floats("transmission")) <= limit)
  }

  /// The operators that the name has, in the set's order, with the maps and parameters of the file.
  private func composite(_ parts: Set<String>, _ golden: GoldenFamily) throws -> Image {
    let input = try GoldenInput()
    var image = input.image
    func parameter(_ name: String) throws -> Double {
      try #require(golden.facts["params"]?[name]?.double)
    }
    if parts.contains("low") {
      let light = CDD.guidedLight(image, light: try mask("light_u8"))
      CDD.darken(&image, light: light, gamma: try parameter("low_gamma"))
    }
    if parts.contains("rain") { CDD.addRain(&image, mask: try mask("rain_u8")) }
    if parts.contains("snow") {
      CDD.coverWithSnow(&image, clear: try mask("snow_u8").map { 1 - $0 })
    }
    if parts.contains("haze") {
      let t = CDD.transmission(input.scene, beta: try parameter("haze_beta"))
      CDD.addHaze(&image, transmission: t, airlight: try parameter("haze_A"))
    }
    image.pixels = image.pixels.map { min(max($0, 0), 1) }
    return image
  }

  private func mask(_ name: String) throws -> [Float] {
    try GoldenFamily("input").codes(name).map { Float($0) / 255 }
  }

  @Test("a chain of this form keeps the set's order, on codes, whatever is asked for")
  func order() throws {
    let names = ["haze", "snow", "rain-streak", "low-light"]
    let chain = try DegradationChain(names.map { ($0, 0.5) }, space: .linear, form: "cdd")
    let (gt, scene) = testPicture(64, 48)
    let steps = chain.apply(to: gt, scene: scene, seed: 1, index: 2).steps
    #expect(steps.map(\.op) == ["low-light", "rain-streak", "snow", "haze"])
    #expect(steps.allSatisfy { $0.space == .srgb && $0.parameters["form"]?.string == "cdd" })
  }

  @Test("the label makes a composite again, to the bit, at any size")
  func replay() throws {
    for (width, height) in [(1, 1), (2, 3), (17, 31), (70, 44)] {
      let (gt, scene) = testPicture(width, height)
      let names = ["low-light", "rain-streak", "snow", "haze"]
      let chain = try DegradationChain(names.map { ($0, 0.7) }, form: "cdd")
      let made = chain.apply(to: gt, scene: scene, seed: 3, index: 4)
      let steps = try made.steps.map { step in
        try ChainStep(JSON(parsing: Array(step.json.compact.utf8)[...], place: "label"))
      }
      let again = try DegradationChain.replay(steps, on: gt, scene: scene, seed: 3, index: 4)
      #expect(again.pixels == made.lq.pixels)
      #expect(made.lq.pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
  }

  @Test("parameters are drawn from the published ranges")
  func ranges() throws {
    let (gt, scene) = testPicture(16, 16)
    let bounds: [String: [(key: String, range: ClosedRange<Double>)]] = [
      "low-light": [("gamma", 2...3), ("sigma", 0.03...0.08)],
      "haze": [("beta", 1...2), ("airlight", 0.6...0.9)],
    ]
    for (name, keys) in bounds {
      for severity in [0.001, 0.5, 1] {
        let chain = try DegradationChain([(name, severity)], form: "cdd")
        let label = chain.apply(to: gt, scene: scene, seed: 5, index: 6).steps[0].parameters
        for (key, range) in keys { #expect(range.contains(try #require(label[key]?.double))) }
      }
    }
  }

  @Test("every type of a published form has notes for each parameter, and refuses labels without")
  func notes() throws {
    let scene = Scene(width: 16, height: 16)
    for (form, types) in DegradationCatalog.published {
      for type in types {
        var random = RandomStream(seed: 1)
        let label = type.init(severity: 0.5, scene: scene, space: .srgb, drawing: &random)
          .parameters
        let keys = (label.object ?? []).map(\.key)
        #expect(Set(keys) == Set(type.notes.parameters.map(\.name)))
        #expect(label["form"]?.string == form)
        for key in keys where key != "form" {
          var missing = label
          missing[key] = nil
          #expect(throws: Problem.self) { _ = try type.init(parameters: missing) }
        }
      }
    }
  }

  @Test("the bytes are those of every machine and every earlier day")
  func digest() throws {
    let (gt, scene) = testPicture(67, 45)
    let chain = try DegradationChain(
      ["low-light", "rain-streak", "snow", "haze"].map { ($0, 0.5) }, form: "cdd")
    let lq = chain.apply(to: gt, scene: scene, seed: 1, index: 2).lq
    #expect(Digest.sha256(lq.bytes).hasPrefix("eeff1215edfca610"))
  }

  @Test("an unknown form is refused with the nearest one")
  func unknownForm() {
    #expect { _ = try DegradationChain([("haze", 0.5)], form: "cdd-11") } throws: { error in
      "\(error)".contains("form 'cdd-11'")
    }
  }
}
