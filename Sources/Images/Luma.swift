import Basics

/// Brightness and colour difference of RGB pixels, by the three definitions the field uses.
public enum Luma {
  /// Returns BT.601 luma of sRGB values in the 16...235 range, over 255, as BasicSR's `rgb2ycbcr`.
  public static func limited(_ image: Image) -> [Float] {
    image.weighted(SIMD3(65.481, 128.553, 24.966) / 255, offset: 16.0 / 255)
  }

  /// Returns the relative luminance of linear light (BT.709 primaries).
  public static func luminance(_ image: Image) -> [Float] {
    require(image.space == .linear, "Luma.luminance: the picture holds sRGB codes")
    return image.weighted(SIMD3(0.2126, 0.7152, 0.0722), offset: 0)
  }

  /// Returns Y, Cb and Cr interleaved in the 16...240 range, over 255 (BT.601).
  public static func limitedYCbCr(_ image: Image) -> [Float] {
    interleaved([
      limited(image),
      image.weighted(SIMD3(-37.797, -74.203, 112) / 255, offset: 128.0 / 255),
      image.weighted(SIMD3(112, -93.786, -18.214) / 255, offset: 128.0 / 255),
    ])
  }

  /// Returns Y, Cb and Cr interleaved in full range, 0.5 for no colour, as JPEG files store them.
  public static func fullYCbCr(_ image: Image) -> [Float] {
    let weights = SIMD3<Double>(0.299, 0.587, 0.114)
    let blue = (SIMD3(0, 0, 1) - weights) / (2 * (1 - weights.z))
    let red = (SIMD3(1, 0, 0) - weights) / (2 * (1 - weights.x))
    return interleaved([
      image.weighted(weights, offset: 0), image.weighted(blue, offset: 0.5),
      image.weighted(red, offset: 0.5),
    ])
  }

  private static func interleaved(_ planes: [[Float]]) -> [Float] {
    planes[0].indices.flatMap { i in planes.map { $0[i] } }
  }
}

extension Image {
  /// The weighted sum of each pixel's channels plus an offset; a gray pixel counts as three equal.
  fileprivate func weighted(_ weights: SIMD3<Double>, offset: Double) -> [Float] {
    let last = channels - 1
    return (0..<width * height).map { i in
      let p = i * channels
      return Float(
        weights.x * Double(pixels[p]) + weights.y * Double(pixels[p + min(1, last)]) + weights.z
          * Double(pixels[p + last]) + offset)
    }
  }
}
