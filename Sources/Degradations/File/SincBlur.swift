import Basics
import Images

/// Ringing of a file that was resized or sharpened: an ideal low-pass filter in a small window.
///
/// Overshoots are meant to happen and are left to the end of the chain, which clamps. The cut-off is
/// that which halves what a Gaussian of the severity's sigma halves; below level 1 the filtered picture
/// is mixed with the picture.
///
/// - Source: Wang et al. 2021 (Real-ESRGAN): window 7 to 21 pixels, cut-off pi/5 to pi.
struct SincBlur: Degradation {
  static let name = "sinc-blur"
  static let stage = Stage.file
  static let notes = DegradationNotes(
    summary: "Ringing of a file that was resized or sharpened: an ideal low-pass filter.",
    source: "Wang et al. 2021 (Real-ESRGAN)",
    severity: "cut-off 1.96, 1.18, 0.74, 0.49, 0.34 radians a pixel, within 10 %, at 256 pixels",
    parameters: [
      .init(
        name: "cutoff", unit: "radians a pixel", range: "0.01...4.45",
        meaning: "no higher frequency passes"),
      .init(name: "size", unit: "pixels", range: "1...129, odd", meaning: "side of the window"),
      .init(name: "share", range: "0...1", meaning: "how much of the filtered picture is taken"),
    ])
  /// The deviation of the Gaussian that damps as much.
  private static let sigma = SeverityScale(neutral: 0, levels: [0.6, 1, 1.6, 2.4, 3.5])
  /// Where a Gaussian of deviation 1 has fallen to one half: sqrt(2 ln 2).
  private static let half = 1.1774100225154747
  private static let largest = 129

  private let cutoff: Double
  private let size: Int
  private let share: Double

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    let scale = scene.scale
    let sigma = SincBlur.sigma(max(severity, 0.1)) * scale * random.uniform(0.9, 1.1)
    let window = Double(3 + random.integer(below: 8)) * scale
    cutoff = min(max(SincBlur.half / sigma, 0.01), .pi).rounded(places: 4)
    share = min(severity / 0.1, 1).rounded(places: 4)
    // Up to the end of the first ring: without it there would be no overshoot.
    let reach = max(window, 5.5 / cutoff).rounded(.up)
    size = min(2 * Int(reach) + 1, SincBlur.largest)
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: SincBlur.name, json: parameters)
    cutoff = try reader.number("cutoff", in: 0.01...4.45)
    size = try reader.odd("size", in: 1...SincBlur.largest)
    share = try reader.number("share", in: 0...1)
  }

  var parameters: JSON {
    ["cutoff": .number(cutoff), "size": .integer(size), "share": .number(share)]
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    KernelBlur(grid).blur(&image)
    return nil
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    kind == .kernel ? Plane(grid) : nil
  }

  /// Mixing kernels is mixing pictures, for less.
  private var grid: SpreadGrid {
    let jinc = jincSpread(cutoff: cutoff, size: size)
    return SpreadGrid(radius: jinc.radius) { dx, dy in
      let own = jinc.weights[(dy + jinc.radius) * jinc.side + dx + jinc.radius]
      return share * own + (dx == 0 && dy == 0 ? 1 - share : 0)
    }
  }
}
