import Basics

/// An sRGB colour to draw with.
public struct Ink: Sendable, Equatable {
  let values: SIMD3<Float>

  /// Creates a colour from its web notation, as in `Ink(0xFF8800)`.
  public init(_ hex: UInt32) {
    values = SIMD3(Float(hex >> 16 & 255), Float(hex >> 8 & 255), Float(hex & 255)) / 255
  }

  /// White paper.
  public static let paper = Ink(0xFFFFFF)
  /// Nearly black, for text.
  public static let text = Ink(0x1F2328)
  /// Gray, for what is of second rank.
  public static let faint = Ink(0x6E7781)
  /// Light gray, for grid lines and frames.
  public static let hairline = Ink(0xD8DEE4)
  /// Colours for curves that people with any colour vision tell apart (after Okabe and Ito).
  public static let series = [
    Ink(0x0072B2), Ink(0xD55E00), Ink(0x009E73), Ink(0xCC79A7), Ink(0xE69F00), Ink(0x56B4E9),
    Ink(0x7A5195), Ink(0x555555),
  ]
}

/// A picture being drawn for people: text, lines, rectangles and other pictures.
///
/// Places are pixels from the top left corner; what falls outside is left out.
public struct Canvas {
  /// Where a text begins, relative to the place given for it.
  public enum Alignment: Sendable {
    /// The place is the left end.
    case left
    /// The place is the middle.
    case center
    /// The place is the right end.
    case right
  }

  /// The picture so far, RGB, sRGB.
  public private(set) var image: Image

  /// Creates an empty canvas of one colour.
  public init(width: Int, height: Int, background: Ink = .paper) {
    image = Image(width: width, height: height)
    fill(x: 0, y: 0, width: width, height: height, background)
  }

  /// Fills a rectangle.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, _ ink: Ink) {
    for row in max(y, 0)..<max(min(y + height, image.height), max(y, 0)) {
      for column in max(x, 0)..<max(min(x + width, image.width), max(x, 0)) {
        blend(column, row, ink, 1)
      }
    }
  }

  /// Draws the outline of a rectangle, one pixel wide, inside it.
  public mutating func frame(x: Int, y: Int, width: Int, height: Int, _ ink: Ink) {
    fill(x: x, y: y, width: width, height: 1, ink)
    fill(x: x, y: y + height - 1, width: width, height: 1, ink)
    fill(x: x, y: y, width: 1, height: height, ink)
    fill(x: x + width - 1, y: y, width: 1, height: height, ink)
  }

  /// Draws a line of text whose top is at `y`; each dot of a letter is `scale` pixels wide.
  public mutating func text(
    _ text: String, x: Int, y: Int, scale: Int = 2, align: Alignment = .left, _ ink: Ink = .text
  ) {
    let width = Canvas.textWidth(text, scale: scale)
    var left = [.left: x, .center: x - width / 2, .right: x - width][align] ?? x
    for character in text {
      let glyph = BitmapFont.glyph(character)
      for row in 0..<Glyph.height {
        for column in 0..<Glyph.width where glyph.isInk(column, row) {
          fill(x: left + column * scale, y: y + row * scale, width: scale, height: scale, ink)
        }
      }
      left += BitmapFont.advance * scale
    }
  }

  /// Returns the width of a line of text in pixels.
  public static func textWidth(_ text: String, scale: Int = 2) -> Int {
    max(0, text.count * BitmapFont.advance - 1) * scale
  }

  /// The height of a line of text in pixels, from the top of a capital to its foot.
  public static func capitalHeight(scale: Int = 2) -> Int { 7 * scale }

  /// Draws a picture, gray or RGB, linear or not, with its top left corner at the place.
  public mutating func draw(_ picture: Image, x: Int, y: Int) {
    let shown = picture.toSRGB()
    for row in max(0, -y)..<max(0, -y, min(shown.height, image.height - y)) {
      for column in max(0, -x)..<max(0, -x, min(shown.width, image.width - x)) {
        for c in 0..<3 {
          image[x + column, y + row, c] = shown[column, row, min(c, shown.channels - 1)]
        }
      }
    }
  }

  /// Mixes a colour into one pixel inside the canvas.
  mutating func blend(_ x: Int, _ y: Int, _ ink: Ink, _ opacity: Float) {
    for c in 0..<3 {
      let old = image[x, y, c]
      image[x, y, c] = old + (ink.values[c] - old) * opacity
    }
  }
}
