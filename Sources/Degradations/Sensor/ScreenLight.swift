import Basics
import Images

/// How the red, green and blue lights of a screen's pixels lie, in thirds of a pixel.
enum ScreenLayout: String, Sendable, CaseIterable {
  /// A column of each colour, most of its height lit: most desktop screens.
  case stripe
  /// Stripes that move on by a colour from row to row.
  case delta
  /// Green in every pixel, red and blue in every second, as a chess board: most telephones.
  case pentile

  /// What the light of a place is multiplied by, less 1: the mean over a square of six is 0.
  func relief(channel: Int) -> [Float] {
    let lights = (0..<36).map { light(u: $0 % 6, v: $0 / 6, channel) }
    let mean = lights.reduce(0, +) / 36
    return lights.map { $0 / mean - 1 }
  }

  private func light(u: Int, v: Int, _ channel: Int) -> Float {
    switch self {
    case .stripe: return u % 3 == channel ? ScreenLayout.rows[v % 3] : 0
    case .delta: return (u + 2 * (v / 3)) % 3 == channel ? ScreenLayout.rows[v % 3] : 0
    case .pentile:
      if channel == 1 { return u % 3 == 2 ? ScreenLayout.rows[v % 3] : 0 }
      let isRed = (u / 3 + v / 3) % 2 == 0
      return isRed == (channel == 0) && u % 3 < 2 && v % 3 < 2 ? 1 : 0
    }
  }

  /// Wires darken the lowest third.
  private static let rows: [Float] = [1, 1, 0.4]
}

/// The light of a part of a screen as a blurring lens throws it, colour by colour.
struct ScreenLight {
  /// Places for each screen pixel.
  let scale: Int
  private let columns: Int
  private let rows: Int
  private var values: [Float]

  /// A part of a screen that shows a picture, mirrored beyond its edges.
  ///
  /// - Parameters:
  ///   - image: The whole picture, in linear light.
  ///   - part: The part in screen pixels.
  ///   - layout: Leaves only the relief of its lights, in thirds of a pixel; nil gives the picture
  ///     itself, in whole pixels.
  ///   - sigma: The blur in screen pixels.
  init(_ image: Image, part: ScreenPart, layout: ScreenLayout?, sigma: Double) {
    scale = layout == nil ? 1 : 3
    (columns, rows) = (part.width * scale, part.height * scale)
    values = [Float](repeating: 0, count: 3 * columns * rows)
    for channel in 0..<3 { show(image, part, layout?.relief(channel: channel) ?? [], channel) }
    blur(sigma: sigma * Double(scale))
  }

  private mutating func show(
    _ image: Image, _ part: ScreenPart, _ relief: [Float], _ channel: Int
  ) {
    let (scale, columns) = (self.scale, self.columns)
    let from = (0..<part.width).map { 3 * mirrored(part.x + $0, in: image.width) + channel }
    let first = channel * columns * rows
    values.withUnsafeMutableBufferPointer { out in
      image.pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<rows {
          let line = 3 * image.width * mirrored(part.y + row / scale, in: image.height)
          let to = first + row * columns
          if scale == 1 {
            for x in 0..<part.width { out[to + x] = pixels[line + from[x]] }
            continue
          }
          // Which of the two rows of pixels of the layout's square this is; parity of the screen.
          let lights = (part.y + row / 3) & 1 * 18 + row % 3 * 6
          for x in 0..<part.width {
            let (value, light) = (pixels[line + from[x]], lights + (part.x + x) & 1 * 3)
            for u in 0..<3 { out[to + 3 * x + u] = value * relief[light + u] }
          }
        }
      }
    }
  }

  /// Blurs by a Gaussian, rows then columns; within its reach the part's edges stay sharp.
  private mutating func blur(sigma: Double) {
    let reach = Int((3 * sigma).rounded(.up))
    if reach == 0 || columns <= 2 * reach || rows <= 2 * reach { return }
    let taps = (-reach...reach).map { ExactMath.exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = taps.reduce(0, +)
    let weights = taps.map { Float($0 / sum) }
    for step in [1, columns] {
      let offsets = (-reach...reach).map { Int32($0 * step) }
      let before = values
      let margin = reach * step
      values.withUnsafeMutableBufferPointer { out in
        before.withUnsafeBufferPointer { x in
          guard let out = out.baseAddress, let x = x.baseAddress else { return }
          PixelKernels.gather(
            out + margin, count: before.count - 2 * margin, from: x + margin, offsets: offsets,
            weights: weights)
        }
      }
    }
  }

  /// Reads colours at any place.
  @inline(__always)
  func reading<R>(_ body: (Reader) -> R) -> R {
    values.withUnsafeBufferPointer {
      body(Reader(values: $0, columns: columns, rows: rows, scale: Float(scale)))
    }
  }

  /// Access to the values while they stay in place.
  struct Reader {
    fileprivate let values: UnsafeBufferPointer<Float>
    fileprivate let columns: Int
    fileprivate let rows: Int
    fileprivate let scale: Float

    /// The light at a place, in screen pixels from the part's corner, between the four nearest values.
    @inline(__always)
    func callAsFunction(_ channel: Int, _ place: SIMD2<Float>) -> Float {
      let p = place * scale - 0.5
      let u = min(max(p.x, 0), Float(columns) - 1.01)
      let v = min(max(p.y, 0), Float(rows) - 1.01)
      let (i, j) = (Int(u), Int(v))
      let (s, t) = (u - Float(i), v - Float(j))
      let k = (channel * rows + j) * columns + i
      let upper = values[k] + (values[k + 1] - values[k]) * s
      let lower = values[k + columns] + (values[k + columns + 1] - values[k + columns]) * s
      return upper + (lower - upper) * t
    }
  }
}

/// A rectangle of screen pixels; it may reach beyond the screen.
struct ScreenPart {
  let x: Int
  let y: Int
  let width: Int
  let height: Int
}

/// Folds an index into 0..<`count` by mirrors on the edges of the first and last pixel.
private func mirrored(_ i: Int, in count: Int) -> Int {
  let folded = ((i % (2 * count)) + 2 * count) % (2 * count)
  return folded < count ? folded : 2 * count - 1 - folded
}
