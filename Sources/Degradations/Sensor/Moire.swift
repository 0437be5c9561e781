import Basics
import Images

/// Moire of a photographed screen: its lights beat with the sensor's colour filters.
///
/// LQ = g(x) (J + softness (P - J) + a M) + black. P is the picture as a camera sees it without the
/// screen's lights, M what the lights add (`ScreenPhoto`), g an exposure that falls off from a place
/// on. The amplitude a is solved for the severity's RMS: that of the difference which M makes on sRGB
/// codes, about its mean in each square of 32 pixels at 256, so that neither the picture nor a change
/// of brightness counts. The form "grating" has gratings for M and no camera.
///
/// 95 pictures of 256x256 a second on one core, 740 with gratings.
///
/// - Source: Liu et al. 2018 for the chain. In linear light whatever the rest does; gratings act in the
///   space of the chain, and are what severity draws on sRGB codes.
struct Moire: Degradation {
  static let name = "moire"
  static let stage = Stage.sensor
  static let notes = DegradationNotes(
    summary: "Coloured bands of a photographed screen: its lights beat with the sensor's filters.",
    source: "Liu et al. 2018 (sub-pixels, pose, anti-alias filter, mosaic, alignment)",
    severity: "RMS of the bands 2, 4, 8, 14, 22 codes",
    parameters: MoireCapture.notes + [
      .init(name: "form", range: "screen, grating", meaning: "photographed screen, or gratings"),
      .init(
        name: "rms", unit: "8-bit codes", range: "0...64",
        meaning: "of what the bands add, about its mean in squares of 32 pixels at 256"),
      .init(
        name: "angles", unit: "degrees", range: "-720...720", meaning: "directions of gratings"),
      .init(name: "wavelengths", unit: "pixels", range: "1...100000", meaning: "of gratings"),
      .init(name: "amplitudes", range: "0...1", meaning: "of gratings, before the RMS is solved"),
      .init(
        name: "hues", unit: "degrees", range: "-720...720", meaning: "colours of gratings"),
      .init(name: "bend", unit: "pixels", range: "0...100000", meaning: "waviness of gratings"),
    ])
  private static let rms = SeverityScale(neutral: 0, levels: [2, 4, 8, 14, 22])

  private enum Form: Equatable {
    case screen(MoireCapture)
    case grating(Gratings)
  }
  private let form: Form
  /// In 8-bit codes.
  private let rms: Double

  init(severity: Double, scene: Scene, space: Image.Space, drawing random: inout RandomStream) {
    rms = Moire.rms(severity).rounded(places: 6)
    form =
      space == .linear
      ? .screen(MoireCapture(rms: rms, drawing: &random))
      : .grating(Gratings(scale: scene.scale, drawing: &random))
  }

  private enum FormName: String, CaseIterable { case screen, grating }

  init(parameters: JSON) throws(Problem) {
    let reader = ParameterReader(op: Moire.name, json: parameters)
    rms = try reader.number("rms", in: 0...64)
    let name: FormName = try reader.choice("form")
    switch name {
    case .screen: form = .screen(try MoireCapture(reader))
    case .grating: form = .grating(try Gratings(reader))
    }
  }

  var parameters: JSON {
    switch form {
    case .screen(let capture):
      .object([.init("form", "screen"), .init("rms", .number(rms))] + capture.members)
    case .grating(let gratings):
      .object([.init("form", "grating"), .init("rms", .number(rms))] + gratings.members)
    }
  }

  func apply(to image: inout Image, scene: Scene, random: RandomStream) -> Double? {
    let space = image.space
    var bands: [Float]
    switch form {
    case .screen(let capture):
      image.convert(to: .linear)
      bands = capture.take(&image, random: random)
    case .grating(let gratings): bands = gratings.added(to: image, random: random)
    }
    let solver = BandStrength(image, side: max(2, Int((32 * scene.scale).rounded())))
    solver.add(&bands, to: &image, rms: rms)
    image.convert(to: space)
    return nil
  }
}

/// Solves how much of some bands makes a wanted difference on sRGB codes.
private struct BandStrength {
  /// The picture without bands, on sRGB codes.
  private let plain: Image
  private let side: Int
  /// More would only clip: bands this weak are not there.
  private static let greatest = 16.0

  init(_ image: Image, side: Int) {
    var plain = image
    PixelKernels.clamp(&plain.pixels)
    plain.convert(to: .srgb)
    (self.plain, self.side) = (plain, side)
  }

  /// Adds bands to the picture and clamps it.
  func add(_ bands: inout [Float], to image: inout Image, rms target: Double) {
    let start = image
    var strength = target == 0 ? 0 : 1.0
    // The difference grows with the strength, a little slower: the steps never overshoot by much.
    for _ in 0..<8 {
      image.add(bands, times: Float(strength), to: start)
      let found = difference(image)
      if abs(found - target) <= 0.005 * target || found < 1e-6 { return }
      let next = min(strength * target / found, BandStrength.greatest)
      if next == strength { return }
      strength = next
    }
    image.add(bands, times: Float(strength), to: start)
  }

  /// The RMS of the difference about its mean in each square, in codes.
  private func difference(_ image: Image) -> Double {
    var codes = image
    codes.convert(to: .srgb)
    var sum = 0.0
    codes.pixels.withUnsafeBufferPointer { a in
      plain.pixels.withUnsafeBufferPointer { b in
        for y in stride(from: 0, to: image.height, by: side) {
          for x in stride(from: 0, to: image.width, by: side) {
            sum += deviation(a, b, x, y)
          }
        }
      }
    }
    return (sum / Double(image.pixels.count)).squareRoot() * 255
  }

  /// The sum of squared deviations of one square, over all channels.
  private func deviation(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ x: Int, _ y: Int
  ) -> Double {
    let right = min(x + side, plain.width)
    let below = min(y + side, plain.height)
    var (sum, squares) = (SIMD3<Float>(), SIMD3<Float>())
    for v in y..<below {
      for i in v * plain.width + x..<v * plain.width + right {
        let d = SIMD3(
          a[3 * i] - b[3 * i], a[3 * i + 1] - b[3 * i + 1], a[3 * i + 2] - b[3 * i + 2])
        sum += d
        squares += d * d
      }
    }
    let count = Float((right - x) * (below - y))
    return Double((squares - sum * sum / count).sum())
  }
}

extension Image {
  /// Becomes a picture plus some bands, clamped to 0...1.
  fileprivate mutating func add(_ bands: [Float], times strength: Float, to start: Image) {
    pixels.withUnsafeMutableBufferPointer { out in
      start.pixels.withUnsafeBufferPointer { start in
        bands.withUnsafeBufferPointer { bands in
          for i in 0..<out.count {
            out[i] = min(max(start[i] + bands[i] * strength, 0), 1)
          }
        }
      }
    }
  }
}
