import Basics
import Degradations

/// A lens focused on the middle of three planes: what lies behind it is soft, and so may be a few
/// things in front.
///
/// Radii follow 10 u^2 pixels, so that most are small.
///
/// - Source: Achddou et al. 2025 (VibrantLeaves).
struct DepthOfField {
  /// Where the planes lie between the nearest depth and the farthest.
  private static let depths = (front: 0.0...0.15, focus: 0.25...0.5, back: 0.6...1.0)

  private let frontShare: Double
  private let focusShare: Double
  private let frontBlur: Double
  private let backBlur: Double
  private let blades: Int
  private let turn: Double

  init(scale: Double, drawing random: inout RandomStream) {
    func radius(_ random: inout RandomStream) -> Double {
      let u = random.uniform()
      return (10 * u * u * scale).rounded(places: 3)
    }
    frontShare = random.chance(0.6) ? random.uniform(0.05, 0.3) : 0
    focusShare = random.uniform(0.45, 0.75)
    frontBlur = radius(&random)
    backBlur = radius(&random)
    blades = random.chance(0.5) ? 0 : 5 + random.integer(below: 4)
    turn = random.uniform(0, 360)
  }

  /// The planes of a picture that would otherwise have `whole`, the nearest first.
  func layers(of whole: LeafLayer) -> [LeafLayer] {
    func layer(_ depths: ClosedRange<Double>) -> LeafLayer {
      var layer = whole
      layer.near = whole.near + (whole.far - whole.near) * depths.lowerBound
      layer.far = whole.near + (whole.far - whole.near) * depths.upperBound
      return layer
    }
    var front = layer(DepthOfField.depths.front)
    (front.share, front.blur) = (frontShare, frontBlur)
    front.smallest = min(4 * whole.smallest, whole.largest / 8)
    front.largest = whole.largest / 2
    var focus = layer(DepthOfField.depths.focus)
    (focus.share, focus.largest) = (focusShare, max(whole.largest * 0.7, 2 * whole.smallest))
    var back = layer(DepthOfField.depths.back)
    back.blur = backBlur
    // What the blur would dissolve need not fall.
    back.smallest = min(whole.smallest + backBlur, whole.largest / 2)
    return frontShare > 0 ? [front, focus, back] : [focus, back]
  }

  /// The blur of a point out of focus.
  func blur(radius: Double) -> KernelBlur {
    let radius = radius * Aperture.enlargement(blades: blades)
    return KernelBlur(Aperture(radius: radius, blades: blades, rotation: turn).grid)
  }

  /// The radii for the record's label.
  var label: JSON {
    ["background": .number(backBlur), "foreground": frontShare > 0 ? .number(frontBlur) : .null]
  }
}
