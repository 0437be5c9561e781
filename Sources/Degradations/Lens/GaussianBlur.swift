import Basics
import Images

/// Blur with the Gaussian and its relatives: wide tails, steep sides, flat tops, stretched and turned.
///
/// As an optical blur it acts on light and its window holds the whole kernel; on sRGB codes it is the
/// published form, whose windows of 7 to 21 pixels cut wide kernels off. What is stretched keeps the
/// mean square of its two deviations, so that a level means the same for every family.
///
/// - Source: Wang et al. 2021 (Real-ESRGAN), from BasicSR.
struct GaussianBlur: Degradation {
  static let name = "gaussian-blur"
  static let stage = Stage.lens
  static let notes = DegradationNotes(
    summary: "Blur with the Gaussian and its relatives: wide tails, flat tops, stretched, turned.",
    source: "Wang et al. 2021 (Real-ESRGAN)",
    severity: "sigma 0.6, 1, 1.6, 2.4, 3.5 pixels, within 10 %, for a short side of 256",
    parameters: [
      .init(
        name: "family",
        range: GaussianFamily.allCases.map(\.rawValue).joined(separator: ", "),
        meaning: "the kernel's formula"),
      .init(
        name: "sigma_x", unit: "pixels", range: "0.001...256", meaning: "deviation along angle"),
      .init(name: "sigma_y", unit: "pixels", range: "0.001...256", meaning: "deviation across it"),
      .init(name: "angle", unit: "degrees", range: "-360...360", meaning: "to the right and down"),
      .init(
        name: "beta", range: "0.1...10", meaning: "exponent: below 1 wide tails, above 1 steep"),
      .init(name: "size", unit: "pixels", range: "1...1023, odd", meaning: "side of the window"),
    ])
  private static let sigma = SeverityScale(neutral: 0, levels: [0.6, 1, 1.6, 2.4, 3.5])
  /// The largest window of a product of row and column, and of other kernels: time grows with its
  /// side, or with its area.
  private static let largest = (separable: GaussianSpread.sizes.upperBound, other: 129)

  private let spread: GaussianSpread

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    let nominal = GaussianBlur.sigma(severity) * random.uniform(0.9, 1.1)
    let sigma = max(nominal * scene.scale, 0.01)
    let family = GaussianFamily(drawing: &random)
    let ratio = random.uniform(0.3, 1)
    let angle = random.uniform(-180, 180).rounded(places: 2)
    let beta = family.exponent(drawing: &random).rounded(places: 4)
    let window = 7 + 2 * random.integer(below: 8)
    let longer = sigma * (2 / (1 + ratio * ratio)).squareRoot()
    let (x, y) = family.isRound ? (sigma, sigma) : (longer, longer * ratio)
    let tails = family.isPlain ? 0 : 10 * scene.scale
    let reach = space == .srgb ? Double(window / 2) * scene.scale : max(3 * x, tails)
    let limit = family == .iso ? GaussianBlur.largest.separable : GaussianBlur.largest.other
    spread = GaussianSpread(
      family: family, sigmaX: x.rounded(places: 4), sigmaY: max(y, 0.001).rounded(places: 4),
      angle: family.isRound ? 0 : angle, beta: beta,
      size: min(2 * Int(max(reach, 1).rounded(.up)) + 1, limit))
  }

  init(parameters: JSON) throws(Problem) {
    spread = try GaussianSpread(ParameterReader(op: GaussianBlur.name, json: parameters))
    let largest = GaussianBlur.largest.other
    guard spread.isSeparable || spread.size <= largest else {
      throw Problem("\(GaussianBlur.name).size", "is above \(largest) for such a kernel")
    }
  }

  var parameters: JSON {
    [
      "family": .string(spread.family.rawValue), "sigma_x": .number(spread.sigmaX),
      "sigma_y": .number(spread.sigmaY), "angle": .number(spread.angle),
      "beta": .number(spread.beta), "size": .integer(spread.size),
    ]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    if spread.isSeparable {
      SeparableBlur(
        columns: spread.profile(sigma: spread.sigmaY), rows: spread.profile(sigma: spread.sigmaX)
      ).blur(&image)
    } else {
      KernelBlur(spread.grid).blur(&image)
    }
    PixelKernels.clamp(&image.pixels)
    return nil
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    kind == .kernel ? Plane(spread.grid) : nil
  }
}
