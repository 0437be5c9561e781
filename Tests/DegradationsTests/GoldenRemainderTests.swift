import Basics
import CPixels
import Images
import TestSupport
import Testing

@testable import Degradations

/// What no other golden test looks at, and the proof that nothing is left over.
@Suite("Goldens: the remainder") struct GoldenRemainderTests {
  /// The starts of the names of the tensors that are compared, family by family.
  ///
  /// Those of luma are in `LumaTests`, where luma is.
  private static let compared: [String: [String]] = [
    "bayer": [
      "RGGB.bilinear_reflect101", "RGGB.cfa_linear", "RGGB.mask_u8", "RGGB.maskdcpt_lq_u8",
      "RGGB.opencv_", "RGGB.planes_R_Gr_Gb_B_u8", "RGGB.zero_filled_u8", "RGGB.cfa_u8",
      "GRBG.cfa_u8", "GBRG.cfa_u8", "BGGR.cfa_u8",
    ],
    "cdd11": ["guided_light", "transmission", "low", "haze", "rain", "snow"],
    "defocus": ["kernel.", "blur."],
    "gaussian": ["kernel.", "blur."],
    "haze": ["b", "transmission_b"],
    "input": ["image_u8", "depth_u16", "light_u8", "rain_u8", "snow_u8"],
    "jpeg": ["q"],
    "lowlight": ["curve.", "curve_u8.", "exposure_ev", "exposure_u8_ev", "lut256."],
    "luma": ["y_bt601_limited", "y_linear_bt709", "ycbcr_bt601_limited", "ycbcr_jfif_full"],
    "motion": ["kernel.", "trajectory_xy", "centred_31.", "line_"],
    "sinc": ["kernel.", "blur."],
    "transfer": [
      "gamma22_8_to_linear", "image_linear", "linear_grid", "srgb16_codes", "srgb16_to_linear",
      "srgb8_to_linear",
    ],
  ]

  @Test("every tensor of every family in the folder's manifest is compared")
  func nothingLeft() throws {
    let path = Golden.path("degradations/manifest.json")
    let manifest = try JSON(parsing: readFile(path)[...], place: path)
    let families = try #require(manifest["families"]?.object)
    #expect(Set(families.map(\.key)) == Set(Self.compared.keys))
    let files = Golden.files(in: "degradations").map {
      String($0.dropFirst("degradations/".count).dropLast(".safetensors".count))
    }
    #expect(files == families.map(\.key).sorted())
    for family in families {
      let starts = Self.compared[family.key] ?? []
      let names = try GoldenFamily(family.key).names
      let listed = (family.value["tensors"]?.object ?? []).map(\.key)
      #expect(Set(names) == Set(listed), "\(family.key)")
      for name in names {
        #expect(starts.contains { name.hasPrefix($0) }, "\(family.key): \(name)")
      }
    }
  }

  // MARK: Low light

  @Test("dark curves and dim light round to the golden codes, and curves are those of their tables")
  func darkCodes() throws {
    let golden = try GoldenFamily("lowlight")
    let input = try GoldenInput()
    let (limit, codeLimit) = (try golden.tolerance("float"), try golden.tolerance("u8"))
    let ramp = Image(
      width: 256, height: 1, bytes: (0..<256).flatMap { [UInt8](repeating: UInt8($0), count: 3) })
    for set in try #require(golden.facts["sets"]?.array) {
      let name = try #require(set["name"]?.string)
      var parameters = set
      parameters["sigma"] = 0.0
      let made = try input.made("low-light", parameters, .srgb)
      #expect(greatest(made.bytes, try golden.codes("curve_u8.\(name)")) <= codeLimit, "\(name)")
      var table = ramp
      _ = try LowLight(parameters: parameters)
        .apply(to: &table, scene: Scene(width: 256, height: 1), random: RandomStream(seed: 0))
      let greens = (0..<256).map { table.pixels[3 * $0 + 1] }
      #expect(greatest(greens, try golden.floats("lut256.\(name)")) <= limit, "\(name)")
    }
    for name in golden.names where name.hasPrefix("exposure_u8_ev") {
      let ev = try #require(Double(name.dropFirst("exposure_u8_ev".count)))
      var image = inLinear(input.image)
      let light = try LowLight(parameters: [
        "ev": .number(ev), "tint": [1.0, 1.0, 1.0], "unevenness": 0.0, "pattern": 0, "shot": 0.0,
        "read": 0.0, "bits": 16,
      ])
      _ = light.apply(to: &image, scene: input.scene, random: RandomStream(seed: 0))
      #expect(greatest(inCodes(image).bytes, try golden.codes(name)) <= codeLimit, "\(name)")
    }
  }

  // MARK: Haze

  @Test("the transmission plane is the golden map")
  func transmission() throws {
    let golden = try GoldenFamily("haze")
    let scene = try GoldenInput().scene
    for name in golden.names where name.hasPrefix("transmission_b") {
      let beta = try #require(Double(name.dropFirst("transmission_b".count)))
      let haze = try Haze(parameters: [
        "mean_t": 0.5, "beta": .number(beta), "airlight": [0.8, 0.8, 0.8], "heterogeneity": 0.0,
        "pattern": 0,
      ])
      let plane = haze.plane(.transmission, scene: scene, random: RandomStream(seed: 0))
      guard case .floats(let values) = try #require(plane).values else {
        Issue.record("the plane has no floats")
        return
      }
      #expect(greatest(values, try golden.floats(name)) <= (try golden.tolerance("float")))
    }
  }

  // MARK: Motion

  @Test("a correlation is the convolution with the kernel turned about, and not the convolution")
  func correlation() throws {
    let golden = try GoldenFamily("motion")
    let spread = try #require(try centred(golden))
    var turned = try GoldenInput().image.turned(quarterTurns: 2)
    spread.blur(&turned)
    let limit = try golden.tolerance("float")
    let name = "centred_31.corr_reflect101.srgb"
    #expect(greatest(turned.turned(quarterTurns: 2).pixels, try golden.floats(name)) <= limit)
    #expect(
      greatest(
        try golden.floats("centred_31.conv_reflect101.srgb"), try golden.floats(name)) > limit)
  }

  @Test(
    "other rules for the border differ at the border alone",
    arguments: ["symmetric", "replicate"])
  func borders(rule: String) throws {
    let golden = try GoldenFamily("motion")
    let spread = try #require(try centred(golden))
    var image = try GoldenInput().image
    spread.blur(&image)
    let other = try golden.floats("centred_31.conv_\(rule).srgb")
    let (w, h, r) = (image.width, image.height, spread.radius)
    var most: Float = 0
    for y in r..<h - r {
      for i in 3 * (y * w + r)..<3 * (y * w + w - r) {
        most = max(most, abs(image.pixels[i] - other[i]))
      }
    }
    #expect(most <= (try golden.tolerance("float")))
  }

  private func centred(_ golden: GoldenFamily) throws -> PointSpread? {
    let points = try golden.floats("trajectory_xy")
    return PointSpread(
      path: stride(from: 0, to: points.count, by: 2).map {
        SIMD2(Double(points[$0]), Double(points[$0 + 1]))
      })
  }

  // MARK: Transfer

  @Test("the picture's light, 16-bit codes and the plain power are those of the golden tables")
  func transfer() throws {
    let golden = try GoldenFamily("transfer")
    let limit = try golden.tolerance("float")
    let light = inLinear(try GoldenInput().image)
    #expect(greatest(light.pixels, try golden.floats("image_linear")) <= limit)
    let codes = try #require(golden.file["srgb16_codes"]).bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
    }
    var values = codes.map { Float($0) / 65535 }
    dp_kernels_used().pointee.srgb_to_linear(&values, values.count)
    #expect(greatest(values, try golden.floats("srgb16_to_linear")) <= limit)
    let power = (0..<256).map { Float(ExactMath.pow(Double($0) / 255, 2.2)) }
    #expect(greatest(power, try golden.floats("gamma22_8_to_linear")) <= limit)
  }
}
