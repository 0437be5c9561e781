import CPixels
import Images

/// The operators that made the data set CDD-11, as its authors' program computes them.
///
/// All act on sRGB codes. The set applies them in the order low, rain, snow, haze: so noise lies under
/// the haze, and near rain gets the haze of what is behind it. Its maps come from elsewhere (depth
/// and light from networks and solvers, masks of rain and snow from collections); the operators take
/// whatever map they are given.
///
/// - Source: Guo et al. 2024 (OneRestore), the published synthesis program.
package enum CDD {
  /// Darkens: I L^(gamma - 1), the reflectance I / L under the illumination L^gamma.
  ///
  /// - Parameter light: L, from `guidedLight`.
  package static func darken(_ image: inout Image, light: [Float], gamma: Double) {
    var gain = light
    PixelKernels.limit(&gain, to: 1e-7...Float.greatestFiniteMagnitude)
    PixelKernels.curve(&gain, gain: 1, power: gamma - 1, scale: 1)
    PixelKernels.illuminate(&image.pixels, map: gain, gain: [1, 1, 1])
  }

  /// The luma made to follow a light map by a guided filter with windows of 3x3 and epsilon 0.01.
  ///
  /// The light map is the guide and the luma is what is filtered, in this order as published.
  package static func guidedLight(_ image: Image, light: [Float]) -> [Float] {
    let luma = Raster(lumaOf: image).values
    let size = 4 * (image.height + 1) * dp_guided_stride(image.width)
    var scratch: [Float] = PixelKernels.made(size) { _, _ in }
    var smooth = PixelKernels.made(luma.count) { values, _ in
      PixelKernels.used.guided3(values, light, luma, image.width, image.height, 0.01, &scratch)
    }
    smooth.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] += 1e-7 } }
    return smooth
  }

  /// Adds gray streaks; white is not cut off, haze follows.
  package static func addRain(_ image: inout Image, mask: [Float]) {
    PixelKernels.add(&image.pixels, map: mask, colour: [1, 1, 1])
  }

  /// Blends white over the picture.
  ///
  /// - Parameter clear: What each pixel lets through: 1 less the mask.
  package static func coverWithSnow(_ image: inout Image, clear: [Float]) {
    PixelKernels.blend(&image.pixels, keeping: clear, colour: [1, 1, 1])
  }

  /// The transmission exp(-beta min(box(depth), 0.7)), with a box of 22x22.
  ///
  /// The set boxes the nearness, 1 - depth, and takes 1 less the mean: the same number.
  package static func transmission(_ scene: Scene, beta: Double) -> [Float] {
    // An even box has no middle: eleven places before, ten after, as OpenCV has it.
    var box = PixelKernels.boxMean(
      scene.depth, width: scene.width, height: scene.height, before: 11, after: 10)
    PixelKernels.limit(&box, to: 0...0.7)
    return PixelKernels.decay(box, rate: beta)
  }

  /// Mixes the picture with gray airlight.
  package static func addHaze(_ image: inout Image, transmission: [Float], airlight: Double) {
    let gray = [Float](repeating: Float(airlight), count: 3)
    PixelKernels.blend(&image.pixels, keeping: transmission, colour: gray)
  }
}
