import Basics
import Images
import Testing
import TestSupport

@testable import Degradations

@Suite("Goldens of lens blur and ringing") struct LensGoldenTests {
  /// Compares every kernel of a family with the one made from the manifest's parameters.
  private func checkKernels(
    _ family: String, tolerance: String, make: (_ facts: JSON, _ shape: Int) throws -> SpreadGrid
  ) throws {
    let golden = try GoldenFamily(family)
    let names = golden.names.filter { $0.hasPrefix("kernel.") }
    #expect(!names.isEmpty)
    for name in names {
      let facts = try #require(golden.facts["parameters"]?[String(name.dropFirst(7))], "\(name)")
      let side = try #require(golden.file[name]?.shape.first)
      let made = try make(facts, side)
      let weights = padded(made, to: side)
      #expect(abs(made.weights.reduce(0, +) - 1) < 1e-12, "\(name)")
      let limit = try golden.tolerance(tolerance)
      #expect(greatest(weights, try golden.floats(name)) <= limit, "\(name)")
    }
  }

  private func padded(_ grid: SpreadGrid, to side: Int) -> [Float] {
    let margin = side / 2 - grid.radius
    return (0..<side * side).map { i in
      let (x, y) = (i % side - margin, i / side - margin)
      let inside = x >= 0 && y >= 0 && x < grid.side && y < grid.side
      return inside ? Float(grid.weights[y * grid.side + x]) : 0
    }
  }

  /// Compares every blurred picture of a family with what the degradation makes.
  private func checkPictures(
    _ family: String, op: String, parameters: (_ facts: JSON) throws -> JSON
  ) throws {
    let golden = try GoldenFamily(family)
    let input = try GoldenInput()
    let names = golden.names.filter { $0.hasPrefix("blur.") }
    #expect(!names.isEmpty)
    for name in names {
      let parts = try #require(name.dropFirst(5).lastIndex(of: "."))
      let form = String(name[name.index(after: parts)...])
      let facts = try #require(
        golden.facts["parameters"]?[String(name.dropFirst(5)[..<parts])], "\(name)")
      let type = try DegradationCatalog.type(named: op)
      var image = form.hasPrefix("linear") ? inLinear(input.image) : input.image
      _ = try type.init(parameters: parameters(facts))
        .apply(to: &image, scene: input.scene, random: RandomStream(seed: 0))
      if image.space == .linear { image = inCodes(image) }
      if form.hasSuffix("u8") {
        let codes = try golden.codes(name)
        #expect(greatest(image.bytes, codes) <= (try golden.tolerance("u8")), "\(name)")
      } else {
        let limit = try golden.tolerance("float")
        #expect(greatest(image.pixels, try golden.floats(name)) <= limit, "\(name)")
      }
    }
  }

  // MARK: Gaussian

  private func gaussian(_ facts: JSON) throws -> JSON {
    let (x, y) = (
      try #require(facts["sigma_x"]?.double), try #require(facts["sigma_y"]?.double)
    )
    let families = [
      "gaussian": ("iso", "aniso"), "generalized": ("generalized-iso", "generalized-aniso"),
      "plateau": ("plateau-iso", "plateau-aniso"),
    ]
    let pair = try #require(families[facts["kind"]?.string ?? ""])
    return [
      "family": .string(x == y ? pair.0 : pair.1), "sigma_x": .number(x), "sigma_y": .number(y),
      "angle": .number((facts["theta_radians"]?.double ?? 0) * 180 / .pi),
      "beta": .number(facts["beta"]?.double ?? 1), "size": facts["size"] ?? .null,
    ]
  }

  @Test("the Gaussian families have the kernels of the golden file")
  func gaussianKernels() throws {
    try checkKernels("gaussian", tolerance: "kernel") { facts, _ in
      try GaussianSpread(ParameterReader(op: "gaussian-blur", json: gaussian(facts))).grid
    }
  }

  @Test("Gaussian blur, by rows and columns or whole, makes the pictures of the golden file")
  func gaussianPictures() throws {
    try checkPictures("gaussian", op: "gaussian-blur", parameters: gaussian)
  }

  // MARK: Sinc

  private func cutoff(_ facts: JSON) throws -> Double {
    // The padded kernel gives its numbers in words only: a third of pi, in a window of 7.
    facts["cutoff_radians"]?.double ?? .pi / 3
  }

  @Test("the circular low-pass filter has the kernels of the golden file")
  func sincKernels() throws {
    try checkKernels("sinc", tolerance: "kernel") { facts, _ in
      jincSpread(cutoff: try cutoff(facts), size: facts["size"]?.integer ?? 7)
    }
  }

  @Test("ringing overshoots as in the golden file and is clipped only at the end")
  func sincPictures() throws {
    try checkPictures("sinc", op: "sinc-blur") { facts in
      ["cutoff": .number(try cutoff(facts)), "size": facts["size"] ?? .null, "share": 1]
    }
  }

  // MARK: Defocus

  private func opening(_ facts: JSON) throws -> JSON {
    [
      "form": "even", "radius": facts["radius"] ?? .null, "gain": 1,
      "blades": .integer(facts["sides"]?.integer ?? 0),
      "rotation": .number(facts["first_vertex_degrees_from_plus_x"]?.double ?? 0),
    ]
  }

  @Test("disks and polygons cover each pixel of the golden kernels exactly")
  func defocusKernels() throws {
    try checkKernels("defocus", tolerance: "kernel_exact") { facts, side in
      let grid = Aperture(
        radius: try #require(facts["radius"]?.double), blades: facts["sides"]?.integer ?? 0,
        rotation: facts["first_vertex_degrees_from_plus_x"]?.double ?? 0
      ).grid
      #expect(grid.side == side)
      return grid
    }
  }

  @Test("defocus makes the pictures of the golden file in both spaces")
  func defocusPictures() throws {
    try checkPictures("defocus", op: "defocus-blur", parameters: opening)
  }
}
