import Basics
import CPixels
import Degradations
import Images
import Testing
import TestSupport

/// The golden vectors of the formation formulas; read in whatever folder DCPT_GOLDEN names.
struct GoldenFamily {
  let file: Safetensors
  let facts: JSON

  init(_ name: String) throws {
    file = try Safetensors(reading: Golden.path("degradations/\(name).safetensors"))
    let path = Golden.path("degradations/manifest.json")
    let manifest = try JSON(parsing: readFile(path)[...], place: path)
    facts = try #require(manifest["families"]?[name])
  }

  func floats(_ name: String) throws -> [Float] { try #require(file[name]?.floats, "\(name)") }

  func codes(_ name: String) throws -> [Int] { try #require(file[name]?.integers, "\(name)") }

  func tolerance(_ kind: String) throws -> Float {
    Float(try #require(facts["tolerance"]?[kind]?.double))
  }

  var names: [String] { file.entries.map(\.name) }
}

/// The test picture and its depth.
struct GoldenInput {
  let image: Image
  let scene: Scene

  init() throws {
    let input = try GoldenFamily("input")
    let entry = try #require(input.file["depth_u16"])
    let depth = entry.bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) / 65535
      }
    }
    let (height, width) = (entry.shape[0], entry.shape[1])
    let bytes = try input.codes("image_u8").map { UInt8($0) }
    image = Image(width: width, height: height, bytes: bytes)
    scene = Scene(width: width, height: height, depth: depth, depthLabel: [:])
  }

  /// Applies the steps of one degradation in one space, as a label would.
  func made(_ op: String, _ parameters: JSON, _ space: Image.Space) throws -> Image {
    let step = try ChainStep([
      "op": .string(op), "severity": 0.5, "stage": "", "space": .string(space.rawValue),
      "stream": 1, "parameters": parameters,
    ])
    return try DegradationChain.replay([step], on: image, scene: scene, seed: 0, index: 0)
  }
}

func greatest(_ a: [Float], _ b: [Float]) -> Float {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}
func greatest(_ a: [UInt8], _ b: [Int]) -> Float {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, Float(abs(Int($1.0) - $1.1))) } : .infinity
}

@Suite("Degradation goldens") struct DegradationGoldenTests {
  @Test("haze follows the formula in both spaces", arguments: ["linear", "srgb"])
  func haze(space: String) throws {
    let golden = try GoldenFamily("haze")
    let input = try GoldenInput()
    for set in try #require(golden.facts["sets"]?.array) {
      let name = try #require(set["name"]?.string)
      let parameters: JSON = [
        "mean_t": 0.5, "beta": set["beta"] ?? .null, "airlight": set["A_srgb"] ?? .null,
        "heterogeneity": 0.0, "pattern": 0,
      ]
      let made = try input.made("haze", parameters, space == "srgb" ? .srgb : .linear)
      let form = space == "srgb" ? ("srgb", "srgb_u8") : ("linear_encoded", "linear_u8")
      let exact = try golden.floats("\(name).\(form.0)")
      #expect(greatest(made.pixels, exact) <= (try golden.tolerance("float")), "\(name)")
      let codes = try golden.codes("\(name).\(form.1)")
      #expect(greatest(made.bytes, codes) <= (try golden.tolerance("u8")), "\(name)")
    }
  }

  @Test("paths become the kernels of the golden file, centred and not")
  func kernels() throws {
    let golden = try GoldenFamily("motion")
    for name in golden.names where name.hasPrefix("kernel.") {
      let spread = try pointSpread(golden, String(name.dropFirst("kernel.".count)))
      let side = try #require(golden.file[name]?.shape.first)
      var grid = [Float](repeating: 0, count: side * side)
      for (x, (y, w)) in zip(spread.dx, zip(spread.dy, spread.weights)) {
        grid[(y + side / 2) * side + x + side / 2] = w
      }
      #expect(
        greatest(grid, try golden.floats(name)) <= (try golden.tolerance("kernel")), "\(name)")
    }
  }

  @Test("blur is a true convolution with a reflected border, in both spaces")
  func blur() throws {
    let golden = try GoldenFamily("motion")
    let input = try GoldenInput()
    let limit = try golden.tolerance("float")
    for name in golden.names where name.contains(".conv_reflect101.") {
      let parts = name.split(separator: ".").map(String.init)
      let spread = try pointSpread(golden, parts[0])
      var image = input.image
      if parts[2] != "srgb" { image = inLinear(image) }
      spread.blur(&image)
      if parts[2] != "srgb" { image = inCodes(image) }
      if parts[2].hasSuffix("u8") {
        #expect(greatest(image.bytes, try golden.codes(name)) <= (try golden.tolerance("u8")))
      } else {
        #expect(greatest(image.pixels, try golden.floats(name)) <= limit, "\(name)")
      }
    }
  }

  @Test("highlights above white streak before they are clipped")
  func highlights() throws {
    let golden = try GoldenFamily("motion")
    var image = inLinear(try GoldenInput().image)
    raiseHighlights(of: &image, by: 4)
    try pointSpread(golden, "centred_31").blur(&image)
    let codes = try golden.codes("centred_31.hdr_gain4.linear_u8")
    #expect(greatest(inCodes(image).bytes, codes) <= (try golden.tolerance("u8")))
  }

  /// The kernel of one name, from the trajectory or the line that the manifest gives.
  private func pointSpread(_ golden: GoldenFamily, _ name: String) throws -> PointSpread {
    let facts = try #require(golden.facts["parameters"]?[name])
    if let line = facts["line"] {
      let length = try #require(line["length"]?.double)
      return PointSpread(path: linePath(length: length, degrees: line["degrees"]?.double ?? 0))
    }
    let points = try golden.floats(try #require(facts["trajectory"]?.string))
    let path = stride(from: 0, to: points.count, by: 2).map {
      SIMD2(Double(points[$0]), Double(points[$0 + 1]))
    }
    return PointSpread(path: path, centred: facts["centred_on_centroid"]?.bool ?? true)
  }

  @Test("dim light and dark curves follow the formulas")
  func lowLight() throws {
    let golden = try GoldenFamily("lowlight")
    let input = try GoldenInput()
    let limit = try golden.tolerance("float")
    for set in try #require(golden.facts["sets"]?.array) {
      let name = try #require(set["name"]?.string)
      var parameters = set
      parameters["sigma"] = 0.0
      let made = try input.made("low-light", parameters, .srgb)
      #expect(greatest(made.pixels, try golden.floats("curve.\(name)")) <= limit, "\(name)")
    }
    for name in golden.names where name.hasPrefix("exposure_ev") {
      let ev = try #require(Double(name.dropFirst("exposure_ev".count).prefix(3)))
      let image = try dimmed(input, ev: ev, tinted: name.hasSuffix("_tint"))
      #expect(greatest(image.pixels, try golden.floats(name)) <= limit, "\(name)")
    }
  }

  /// The first part of low light alone: no noise and no converter.
  private func dimmed(_ input: GoldenInput, ev: Double, tinted: Bool) throws -> Image {
    let light = try DegradationCatalog.type(named: "low-light").init(parameters: [
      "ev": .number(ev), "tint": tinted ? [1.0, 0.92, 0.8] : [1.0, 1.0, 1.0], "unevenness": 0.0,
      "pattern": 0, "shot": 0.0, "read": 0.0, "bits": 12,
    ])
    var image = inLinear(input.image)
    _ = light.apply(to: &image, scene: input.scene, random: RandomStream(seed: 0))
    return inCodes(image)
  }

  @Test("the sRGB curve agrees with the golden table, and 8-bit codes exactly")
  func transfer() throws {
    let golden = try GoldenFamily("transfer")
    let k = dp_kernels_used().pointee
    var linear = (0...255).map { Float($0) / 255 }
    k.srgb_to_linear(&linear, linear.count)
    let limit = try golden.tolerance("float")
    #expect(greatest(linear, try golden.floats("srgb8_to_linear")) <= limit)
    var codes = try golden.floats("linear_grid")
    k.linear_to_srgb(&codes, codes.count)
    #expect(greatest(codes, try golden.floats("linear_grid_to_srgb")) <= limit)
    let bytes = codes.map { UInt8(($0 * 255).rounded(.toNearestOrEven)) }
    #expect(greatest(bytes, try golden.codes("linear_grid_to_srgb8")) == 0)
  }
}

func inLinear(_ image: Image) -> Image {
  var image = image
  dp_kernels_used().pointee.srgb_to_linear(&image.pixels, image.pixels.count)
  image.space = .linear
  return image
}

func inCodes(_ image: Image) -> Image {
  var image = image
  dp_kernels_used().pointee.linear_to_srgb(&image.pixels, image.pixels.count)
  image.space = .srgb
  return image
}
