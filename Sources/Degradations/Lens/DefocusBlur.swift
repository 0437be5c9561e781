import Basics
import Images

/// Blur of a lens that is focused elsewhere: points become pictures of its opening.
///
/// Even over the picture, as in most published sets, or by depth: the scene is cut into sheets, which
/// are blurred each by its own radius and laid over each other from far to near (`FocalSheets`).
/// Highlights can be raised above white first; without that there is no bokeh.
///
/// By depth, the greatest radius is chosen so that the mean over the picture is the severity's, as far
/// as twice the severity's radius allows it.
///
/// - Source: thin lens; Abuolaim et al. 2021 for sheets of depth, whose hard masks and 8-bit sRGB are
///   not followed.
struct DefocusBlur: Degradation {
  static let name = "defocus-blur"
  static let stage = Stage.lens
  static let notes = DegradationNotes(
    summary: "Blur of a lens that is focused elsewhere: points become pictures of its opening.",
    source: "thin lens; Abuolaim et al. 2021 for sheets of depth",
    severity: "radius 1, 2, 3.5, 5.5, 9 pixels, within 10 %, for a short side of 256",
    parameters: [
      .init(name: "form", range: "even, by-depth", meaning: "whether the radius follows the depth"),
      .init(
        name: "radius", unit: "pixels", range: "0...192",
        meaning: "of the disk, or of the circle through a polygon's corners; by depth the greatest"),
      .init(name: "blades", range: "0, 5...9", meaning: "corners of the opening; 0 is a disk"),
      .init(
        name: "rotation", unit: "degrees", range: "-360...360",
        meaning: "of the first corner, from the right downwards"),
      .init(name: "gain", range: "1...100", meaning: "how much brighter than white highlights are"),
      .init(name: "focus", range: "0...1", meaning: "by depth: the depth in focus"),
      .init(
        name: "near", range: "0.01...1",
        meaning: "by depth: the distance of depth 0 as a share of that of depth 1"),
      .init(name: "sheets", range: "2...64", meaning: "by depth: how many radii there are"),
    ])
  /// The radius in pixels for a short side of 256.
  private static let radius = SeverityScale(neutral: 0, levels: [1, 2, 3.5, 5.5, 9])

  /// Pixels of radius for a pixel of way: where the map is steeper, it is an edge made soft.
  private static let steepest = 0.6

  private enum Form: String, CaseIterable {
    case even
    case byDepth = "by-depth"
  }
  private let radius: Double
  private let blades: Int
  private let rotation: Double
  private let gain: Double
  /// Focus and number of sheets; nil for an even blur.
  private let depth: (focus: Focus, sheets: Int)?

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    let nominal = DefocusBlur.radius(severity) * random.uniform(0.9, 1.1) * scene.scale
    blades = random.chance(0.4) ? 0 : 5 + random.integer(below: 5)
    rotation = blades == 0 ? 0 : random.uniform(0, 360 / Double(blades)).rounded(places: 2)
    let bright = random.chance(0.5) ? random.uniform(2, 8).rounded(places: 3) : 1
    gain = space == .linear ? bright : 1
    let focus = Focus(
      near: random.uniform(0.1, 0.3).rounded(places: 4),
      depth: Double(scene.depth[random.integer(below: scene.depth.count)]).rounded(places: 4))
    let mean = focus.meanConfusion(scene)
    let isEven = random.chance(0.4) || mean == 0
    let greatest = isEven ? nominal : nominal * min(1 / mean, 2)
    radius = (greatest * Aperture.enlargement(blades: blades)).rounded(places: 4)
    depth = isEven ? nil : (focus, min(max(Int(2 * greatest), 8), 24))
  }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: DefocusBlur.name, json: parameters)
    radius = try reader.number("radius", in: 0...192)
    blades = try reader.whole("blades", in: 0...9)
    if (1...4).contains(blades) {
      throw Problem("\(DefocusBlur.name).blades", "wants 0 or 5...9, found \(blades)")
    }
    rotation = try reader.number("rotation", in: -360...360)
    gain = try reader.number("gain", in: 1...100)
    let form: Form = try reader.choice("form")
    guard form == .byDepth else {
      depth = nil
      return
    }
    let focus = Focus(
      near: try reader.number("near", in: 0.01...1), depth: try reader.number("focus", in: 0...1))
    depth = (focus, try reader.whole("sheets", in: 2...64))
  }

  var parameters: JSON {
    let common: [JSON.Member] = [
      .init("form", .string((depth == nil ? Form.even : .byDepth).rawValue)),
      .init("radius", .number(radius)), .init("blades", .integer(blades)),
      .init("rotation", .number(rotation)), .init("gain", .number(gain)),
    ]
    guard let depth else { return .object(common) }
    return .object(
      common + [
        .init("focus", .number(depth.focus.depth)), .init("near", .number(depth.focus.near)),
        .init("sheets", .integer(depth.sheets)),
      ])
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    if gain != 1 { raiseHighlights(of: &image, by: Float(gain)) }
    if let sheets = sheets(image, scene) {
      sheets.blur(&image) { Aperture(radius: $0, blades: blades, rotation: rotation + $1) }
    } else {
      KernelBlur(Aperture(radius: radius, blades: blades, rotation: rotation).grid).blur(&image)
    }
    PixelKernels.clamp(&image.pixels)
    return nil
  }

  func plane(_ kind: Plane.Kind, scene: Scene, random: RandomStream) -> Plane? {
    switch (kind, depth) {
    case (.kernel, nil):
      return Plane(Aperture(radius: radius, blades: blades, rotation: rotation).grid)
    case (.radius, _):
      // The sheets do not depend on colours.
      let blank = Image(width: scene.width, height: scene.height)
      let even = [Float](repeating: Float(radius), count: scene.width * scene.height)
      return Plane(.floats(sheets(blank, scene)?.radii ?? even), of: scene)
    default: return nil
    }
  }

  /// The picture cut by depth; nil for an even blur.
  private func sheets(_ image: Image, _ scene: Scene) -> FocalSheets? {
    guard let depth else { return nil }
    let confusion = withHardEdges(
      depth.focus.confusion(scene), width: scene.width, height: scene.height,
      steepest: Float(DefocusBlur.steepest / max(radius, 0.1)))
    return FocalSheets(
      image, confusion: confusion, radius: radius, count: depth.sheets,
      edge: 2 * DefocusBlur.steepest)
  }
}
