import Basics
import Images

/// Parts of the picture painted over, for a network to fill in again.
///
/// I = J outside the mask, to the bit, and the fill inside; the mask has no half tones. Shapes are
/// painted until the share of lost pixels is the severity's, so a level means the same on any size.
///
/// A 256x256 picture takes 0.03 ms with boxes, 0.075 ms with strokes over 30 % and 0.14 ms with text.
///
/// - Source: Suvorov et al. 2022 (LaMa) for the sizes of strokes and boxes at 256 pixels; Hu et al.
///   2025 (DCPT) for lines of one thickness.
struct Inpainting: Degradation {
  static let name = "inpainting"
  static let stage = Stage.file
  static let notes = DegradationNotes(
    summary: "Parts of the picture painted over with strokes, boxes, lines or text.",
    source: "Suvorov et al. 2022 (LaMa) for strokes and boxes; Hu et al. 2025 (DCPT) for lines",
    severity: "5, 10, 20, 35, 50 % of the pixels",
    parameters: [
      .init(
        name: "mask", range: HoleShape.Kind.allCases.map(\.rawValue).joined(separator: ", "),
        meaning: "the shapes; the first three are strokes"),
      .init(
        name: "coverage", range: "0...0.95", meaning: "share of lost pixels, met to about 2 %"),
      .init(
        name: "size", unit: "pixels", range: "2 x 1...65536",
        meaning: "bounds of a brush's width, a box's width, a letter's height"),
      .init(
        name: "length", unit: "pixels", range: "2 x 1...65536",
        meaning: "bounds of a stroke's pieces, a box's height, a line's length"),
      .init(
        name: "fill", range: Fill.allCases.map(\.rawValue).joined(separator: ", "),
        meaning: "what is painted; mean is the picture's own, noise is random codes"),
      .init(name: "colour", unit: "sRGB", range: "3 x 0...1", meaning: "of the fill named colour"),
    ])
  private static let share = SeverityScale(neutral: 0, levels: [0.05, 0.10, 0.20, 0.35, 0.50])
  /// How often each kind of mask is chosen.
  private static let odds: [(kind: HoleShape.Kind, share: Double)] = [
    (.thin, 0.25), (.medium, 0.25), (.thick, 0.15), (.boxes, 0.15), (.lines, 0.1), (.text, 0.1),
  ]

  private enum Fill: String, CaseIterable { case black, white, mean, noise, colour }

  private let shape: HoleShape
  /// The share of pixels to paint over.
  private let coverage: Double
  private let fill: Fill
  private let colour: [Double]

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    coverage = Self.share(severity).rounded(places: 6)
    fill = Fill.allCases[random.integer(below: Fill.allCases.count)]
    colour = (0..<3).map { _ in random.uniform().rounded(places: 4) }
    let kind = Self.kind(random.uniform())
    shape = HoleShape(
      kind, scale: scene.scale, target: coverage * Double(scene.width * scene.height),
      drawing: &random)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Self.name, json: parameters)
    shape = try HoleShape(reader)
    coverage = try reader.number("coverage", in: 0...0.95)
    fill = try reader.choice("fill")
    colour = fill == .colour ? try reader.numbers("colour", count: 3, in: 0...1) : [0, 0, 0]
  }

  var parameters: JSON {
    let own: [JSON.Member] = [
      .init("coverage", .number(coverage)), .init("fill", .string(fill.rawValue)),
    ]
    return .object(
      shape.members + own + (fill == .colour ? [.init("colour", .numbers(colour))] : []))
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let mask = mask(width: image.width, height: image.height, random: random)
    if fill == .noise {
      let noise = random.substream(random.stream + 1)
      PixelKernels.paintNoise(&image.pixels, mask: mask.bytes, random: noise)
    } else {
      PixelKernels.paint(&image.pixels, mask: mask.bytes, colour: colour(for: image))
    }
    return mask.coverage
  }

  /// Where the picture is lost.
  func mask(width: Int, height: Int, random: RandomStream) -> HoleMask {
    let empty = HoleMask(width: width, height: height, covering: coverage)
    return HolePainter(shape, mask: empty, random: random).mask
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    guard kind == .mask else { return nil }
    let mask = mask(width: scene.width, height: scene.height, random: random)
    return Plane(.bytes(mask.bytes.map { 255 * $0 }), of: scene)
  }

  private func colour(for image: Image) -> [Float] {
    switch fill {
    case .black, .noise: [0, 0, 0]
    case .white: [1, 1, 1]
    case .mean: meanColour(image)
    case .colour: colour.map { Float($0) }
    }
  }

  private static func kind(_ chance: Double) -> HoleShape.Kind {
    var rest = chance
    for (kind, share) in odds {
      rest -= share
      if rest < 0 { return kind }
    }
    return .thin
  }
}

private func meanColour(_ image: Image) -> [Float] {
  var sum = SIMD4<Double>()
  image.pixels.withUnsafeBufferPointer { x in
    for i in stride(from: 0, to: x.count, by: 3) {
      sum += SIMD4(Double(x[i]), Double(x[i + 1]), Double(x[i + 2]), 0)
    }
  }
  let mean = sum / Double(image.width * image.height)
  return [Float(mean.x), Float(mean.y), Float(mean.z)]
}
