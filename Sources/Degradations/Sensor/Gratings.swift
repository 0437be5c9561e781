import Basics
import Images

/// Two or three gratings that multiply the light, nearly alike in direction and wavelength, bent by a
/// smooth field: moire without a camera.
///
/// Grating k multiplies channel c by 1 + a_k w(c) sin(2 pi (x . d_k) / wavelength_k + phase_k).
struct Gratings: Sendable, Equatable {
  /// Directions in degrees.
  let angles: [Double]
  /// In pixels.
  let wavelengths: [Double]
  let amplitudes: [Double]
  /// The direction between opponent colours in degrees: 0 red and cyan, 120 green, 240 blue.
  let hues: [Double]
  /// The deviation of the bending in pixels.
  let bend: Double

  init(scale: Double, drawing random: inout RandomStream) {
    let count = 2 + random.integer(below: 2)
    let (angle, hue) = (random.uniform(0, 180), random.uniform(0, 360))
    let wavelength = 6 * ExactMath.pow(10, random.uniform()) * scale
    angles = (0..<count).map { _ in (angle + 12 * random.normal()).rounded(places: 2) }
    wavelengths = (0..<count).map { _ in
      max(wavelength * random.uniform(0.8, 1.25), 2).rounded(places: 3)
    }
    amplitudes = (0..<count).map { _ in random.uniform(0.05, 0.25).rounded(places: 4) }
    hues = (0..<count).map { (hue + 120 * Double($0)).rounded(places: 1) }
    bend = (wavelength * random.uniform(0.2, 1)).rounded(places: 3)
  }

  init(_ reader: ParameterReader) throws(Problem) {
    let count = min(max(reader.json["angles"]?.array?.count ?? 0, 1), 8)
    angles = try reader.numbers("angles", count: count, in: -720...720)
    wavelengths = try reader.numbers("wavelengths", count: count, in: 1...100_000)
    amplitudes = try reader.numbers("amplitudes", count: count, in: 0...1)
    hues = try reader.numbers("hues", count: count, in: -720...720)
    bend = try reader.number("bend", in: 0...100_000)
  }

  var members: [JSON.Member] {
    [
      .init("angles", .numbers(angles)), .init("wavelengths", .numbers(wavelengths)),
      .init("amplitudes", .numbers(amplitudes)), .init("hues", .numbers(hues)),
      .init("bend", .number(bend)),
    ]
  }

  /// Returns what the gratings add to a picture.
  func added(to image: Image, random: RandomStream) -> [Float] {
    // Phases come first; the field's octaves have the two streams after them.
    var phases = random
    let waves = angles.indices.map { Wave(self, $0, phase: phases.uniform()) }
    let field = FractalField(
      width: image.width, height: image.height, cells: 2, octaves: 2, hurst: 1,
      random: random.substream(random.stream + 1))
    var out = image.pixels
    out.withUnsafeMutableBufferPointer { out in
      for y in 0..<image.height {
        for x in 0..<image.width {
          let i = y * image.width + x
          let moved = Float(bend) * field.values[i]
          let gain = waves.reduce(SIMD3<Float>(repeating: 1)) {
            $0 * $1.gain(Float(x) + moved, Float(y) + moved)
          }
          for c in 0..<3 { out[3 * i + c] *= gain[c] - 1 }
        }
      }
    }
    return out
  }

  /// One grating worked out.
  private struct Wave {
    private let perPixel: SIMD2<Float>
    private let phase: Float
    /// Amplitude for each channel.
    private let weights: SIMD3<Float>
    /// One turn of the sine in 1024 steps, and its first value again.
    private static let sine: [Float] = (0...1024).map {
      Float(ExactMath.sin(2 * .pi * Double($0) / 1024))
    }

    init(_ gratings: Gratings, _ k: Int, phase: Double) {
      let (s, c) = ExactMath.sincos(gratings.angles[k] * .pi / 180)
      perPixel = SIMD2(
        Float(c / gratings.wavelengths[k]), Float(s / gratings.wavelengths[k]))
      self.phase = Float(phase)
      let hue = gratings.hues[k] * .pi / 180
      // A third of the grating is gray: the lights of a screen differ in brightness, too.
      let shares = (0..<3).map { 0.35 + ExactMath.cos(hue - 2 * .pi * Double($0) / 3) }
      weights = SIMD3(shares.map { Float(gratings.amplitudes[k] * $0) })
    }

    @inline(__always)
    func gain(_ x: Float, _ y: Float) -> SIMD3<Float> {
      let turns = perPixel.x * x + perPixel.y * y + phase
      let place = (turns - turns.rounded(.down)) * 1024
      let i = min(Int(place), 1023)
      let (a, b) = (Wave.sine[i], Wave.sine[i + 1])
      return 1 + weights * (a + (b - a) * (place - Float(i)))
    }
  }
}
