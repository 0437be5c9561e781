import Images

/// The operators that made the data set CDD-11, as its authors' program computes them.
///
/// All act on sRGB codes. The set applies them in the order low, rain, snow, haze: so noise lies under
/// the haze, and near rain gets the haze of what is behind it. Its maps come from elsewhere (depth
/// and light from networks and solvers, masks of rain and snow from collections); the operators take
/// whatever map they are given.
///
/// Low light, rain and haze together: 430 pictures of 256x256 a second.
///
/// - Source: Guo et al. 2024 (OneRestore), the published synthesis program.
package enum CDD {
  /// Darkens: I L^(gamma - 1), the reflectance I / L under the illumination L^gamma.
  ///
  /// - Parameter light: L, from `guidedLight`.
  package static func darken(_ image: inout Image, light: [Float], gamma: Double) {
    var gain = light.map { max($0, 1e-7) }
    PixelKernels.curve(&gain, gain: 1, power: gamma - 1, scale: 1)
    PixelKernels.illuminate(&image.pixels, map: gain, gain: [1, 1, 1])
  }

  /// The luma made to follow a light map by a guided filter with windows of 3x3 and epsilon 0.01.
  ///
  /// The light map is the guide and the luma is what is filtered, in this order as published.
  package static func guidedLight(_ image: Image, light: [Float]) -> [Float] {
    let (width, height) = (image.width, image.height)
    func mean(_ x: [Double]) -> [Double] {
      reflectedBoxMean(x, width: width, height: height, before: 1, after: 1)
    }
    let guide = light.map { Double($0) }
    let luma = Raster(lumaOf: image).values.map { Double($0) }
    let (g, squares) = (mean(guide), mean(guide.map { $0 * $0 }))
    var slope = mean(guide.indices.map { guide[$0] * luma[$0] })
    var offset = mean(luma)
    // In every window a line slope g + offset; in the end the means of both over the windows.
    for i in slope.indices {
      let covariance = slope[i] - g[i] * offset[i]
      slope[i] = covariance / (squares[i] - g[i] * g[i] + 0.01)
      offset[i] -= slope[i] * g[i]
    }
    (slope, offset) = (mean(slope), mean(offset))
    return guide.indices.map { Float(slope[$0] * guide[$0] + offset[$0] + 1e-7) }
  }

  /// Adds gray streaks; white is not cut off, haze follows.
  package static func addRain(_ image: inout Image, mask: [Float]) {
    image.pixels.withUnsafeMutableBufferPointer { p in
      for (i, streak) in mask.enumerated() where streak != 0 {
        for c in 3 * i..<3 * i + 3 { p[c] += streak }
      }
    }
  }

  /// Blends white over the picture.
  ///
  /// - Parameter clear: What each pixel lets through: 1 less the mask.
  package static func coverWithSnow(_ image: inout Image, clear: [Float]) {
    PixelKernels.blend(&image.pixels, keeping: clear, colour: [1, 1, 1])
  }

  /// The transmission exp(-beta min(1 - box(near), 0.7)), with a box of 22x22 over the nearness.
  package static func transmission(_ scene: Scene, beta: Double) -> [Float] {
    let near = scene.depth.map { 1 - Double($0) }
    // An even box has no middle: eleven places before, ten after, as OpenCV has it.
    let box = reflectedBoxMean(
      near, width: scene.width, height: scene.height, before: 11, after: 10)
    return PixelKernels.decay(box.map { Float(min(1 - $0, 0.7)) }, rate: beta)
  }

  /// Mixes the picture with gray airlight.
  package static func addHaze(_ image: inout Image, transmission: [Float], airlight: Double) {
    let gray = [Float](repeating: Float(airlight), count: 3)
    PixelKernels.blend(&image.pixels, keeping: transmission, colour: gray)
  }
}
