import Basics
import Degradations
import Images
import Testing
import TestSupport

@Suite("Colour filter goldens") struct BayerGoldenTests {
  private let golden: GoldenFamily
  private let input: GoldenInput

  init() throws {
    golden = try GoldenFamily("bayer")
    input = try GoldenInput()
  }

  private func made(_ form: String, _ pattern: FilterPattern) throws -> Image {
    try input.made(
      "mosaic",
      [
        "form": .string(form), "pattern": .string(pattern.rawValue), "shot": 0.0,
        "gains": [1.0, 1.0],
      ], .srgb)
  }

  /// The greatest difference more than two pixels from the border, where programs differ.
  private func greatestInside(_ image: Image, _ codes: [Int], swapped: Bool = false) -> Int {
    let bytes = image.bytes
    var most = 0
    for y in 2..<image.height - 2 {
      for x in 2..<image.width - 2 {
        for c in 0..<3 {
          let i = 3 * (y * image.width + x)
          most = max(most, abs(Int(bytes[i + c]) - codes[i + (swapped ? 2 - c : c)]))
        }
      }
    }
    return most
  }

  @Test(
    "each filter passes the golden value, in all four phases", arguments: FilterPattern.allCases)
  func filters(pattern: FilterPattern) throws {
    let codes = try golden.codes("\(pattern.rawValue.uppercased()).cfa_u8")
    let mosaic = BayerMosaic(of: input.image, pattern: pattern)
    let found = mosaic.values.map { UInt8(($0 * 255).rounded()) }
    #expect(greatest(found, codes) <= (try golden.tolerance("u8")))
  }

  @Test("filters pass light as they pass codes")
  func light() throws {
    let mosaic = BayerMosaic(of: inLinear(input.image), pattern: .rggb)
    let limit = try golden.tolerance("float")
    #expect(greatest(mosaic.values, try golden.floats("RGGB.cfa_linear")) <= limit)
  }

  @Test("the mask, the zero-filled picture and the four planes are the golden ones")
  func forms() throws {
    let limit = try golden.tolerance("u8")
    let (w, h) = (input.image.width, input.image.height)
    let pattern = FilterPattern.rggb
    let mask = (0..<3 * w * h).map { i in
      UInt8(pattern.channel(x: i / 3 % w, y: i / 3 / w) == i % 3 ? 1 : 0)
    }
    #expect(greatest(mask, try golden.codes("RGGB.mask_u8")) <= limit)
    let zeroFilled = try made("zero-filled", pattern).bytes
    #expect(greatest(zeroFilled, try golden.codes("RGGB.zero_filled_u8")) <= limit)
    let single = try made("one-channel", pattern).bytes
    let places = [(0, 0), (1, 0), (0, 1), (1, 1)]
    let planes = places.flatMap { x, y in
      (0..<w * h / 4).map { single[3 * ((2 * ($0 / (w / 2)) + y) * w + 2 * ($0 % (w / 2)) + x)] }
    }
    #expect(greatest(planes, try golden.codes("RGGB.planes_R_Gr_Gb_B_u8")) <= limit)
  }

  @Test("bilinear demosaicing mirrors the border without repeating the edge")
  func bilinear() throws {
    let exact = try golden.floats("RGGB.bilinear_reflect101")
    #expect(greatest(try made("bilinear", .rggb).pixels, exact) <= (try golden.tolerance("float")))
    let codes = try golden.codes("RGGB.opencv_bilinear_u8")
    #expect(greatestInside(try made("bilinear", .rggb), codes) <= 1)
  }

  @Test("edge-aware demosaicing is OpenCV's, but for the border and its rounding of halves")
  func edgeAware() throws {
    let codes = try golden.codes("RGGB.opencv_edge_aware_u8")
    #expect(greatestInside(try made("edge-aware", .rggb), codes) <= 1)
  }

  @Test("red and blue are not exchanged as in the published data set class")
  func redAndBlue() throws {
    let defect = try golden.codes("RGGB.maskdcpt_lq_u8")
    let ours = try made("edge-aware", .rggb)
    #expect(greatestInside(ours, defect, swapped: true) <= 1)
    #expect(greatestInside(ours, defect) > 50)
  }
}
