import Basics
import CPixels

/// How close a picture is to another, exactly as BasicSR measures it (its `psnr_ssim.py`).
///
/// Pictures are 8-bit codes, channels together. `cropBorder` pixels are left out on every side.
/// `luma` compares BT.601 luma in 16...235, not rounded to whole codes, instead of the channels.
public enum Quality {
  /// Returns the peak signal-to-noise ratio in dB over all channels together; infinity when equal.
  public static func psnr(
    _ a: [UInt8], _ b: [UInt8], width: Int, height: Int, channels: Int, cropBorder: Int = 0,
    luma: Bool = false
  ) -> Double {
    if !luma && cropBorder == 0 { return psnr(squares: squaredError(a, b), of: a.count) }
    let pair = CodePair(a, b, width, height, channels, cropBorder, luma)
    var sum = 0.0
    for i in pair.a.indices {
      let difference = pair.a[i] - pair.b[i]
      sum += difference * difference
    }
    return psnr(squares: sum, of: pair.a.count)
  }

  private static func psnr(squares sum: Double, of count: Int) -> Double {
    // Not the C library's logarithm: the figure is stored in records, which must not depend on it.
    sum == 0
      ? .infinity : 10 / ExactMath.log(10) * ExactMath.log(255 * 255 * Double(count) / sum)
  }

  /// Whole numbers add up exactly, so this is the sum of the 64-bit floats too.
  private static func squaredError(_ a: [UInt8], _ b: [UInt8]) -> Double {
    require(a.count == b.count, "psnr: \(a.count) and \(b.count) codes")
    var sum = 0
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for i in a.indices {
          let difference = Int32(a[i]) - Int32(b[i])
          sum &+= Int(difference &* difference)
        }
      }
    }
    return Double(sum)
  }

  /// Returns the structural similarity, 1 when equal: the mean over channels of the mean over all
  /// places where an 11x11 Gaussian window (sigma 1.5) lies inside; not a number without such places.
  ///
  /// - Source: Wang et al. 2004, with the constants of BasicSR.
  public static func ssim(
    _ a: [UInt8], _ b: [UInt8], width: Int, height: Int, channels: Int, cropBorder: Int = 0,
    luma: Bool = false
  ) -> Double {
    let pair = CodePair(a, b, width, height, channels, cropBorder, luma)
    return StructuralSimilarity.mean(
      pair.a, pair.b, width: pair.width, height: pair.height, channels: pair.channels)
  }

  /// Returns the ratio of two pictures rounded to 8-bit codes; sizes and channels must be equal.
  public static func psnr(_ a: Image, _ b: Image, cropBorder: Int = 0, luma: Bool = false) -> Double
  {
    require(a.width == b.width && a.channels == b.channels, "psnr: pictures of different shapes")
    return psnr(
      a.bytes, b.bytes, width: a.width, height: a.height, channels: a.channels,
      cropBorder: cropBorder, luma: luma)
  }

  /// Returns the similarity of two pictures rounded to 8-bit codes; sizes and channels must be equal.
  public static func ssim(_ a: Image, _ b: Image, cropBorder: Int = 0, luma: Bool = false) -> Double
  {
    require(a.width == b.width && a.channels == b.channels, "ssim: pictures of different shapes")
    return ssim(
      a.bytes, b.bytes, width: a.width, height: a.height, channels: a.channels,
      cropBorder: cropBorder, luma: luma)
  }
}

/// Two pictures as numbers 0...255, cropped, in RGB or as luma.
private struct CodePair {
  let a: [Double]
  let b: [Double]
  let width: Int
  let height: Int
  let channels: Int

  init(
    _ a: [UInt8], _ b: [UInt8], _ width: Int, _ height: Int, _ channels: Int, _ border: Int,
    _ luma: Bool
  ) {
    require(
      a.count == width * height * channels && b.count == a.count,
      "Quality: \(a.count) and \(b.count) codes for \(width)x\(height)x\(channels)")
    require(
      2 * border < min(width, height),
      "Quality: a border of \(border) leaves nothing of \(width)x\(height)")
    self.width = width - 2 * border
    self.height = height - 2 * border
    // A gray picture is its own luma only after the same scaling, as three equal channels would be.
    self.channels = luma ? 1 : channels
    let values = { (codes: [UInt8]) -> [Double] in
      let inside = border == 0 ? codes : Self.cropped(codes, width * channels, border, channels)
      return luma ? Self.luma(inside, channels) : Self.wide(inside)
    }
    (self.a, self.b) = (values(a), values(b))
  }

  private static func wide(_ codes: [UInt8]) -> [Double] {
    [Double](unsafeUninitializedCapacity: codes.count) { values, count in
      dp_kernels_used().pointee.wide_codes(values.baseAddress, codes, codes.count)
      count = codes.count
    }
  }

  /// The codes without the border; `row` codes make a row.
  private static func cropped(_ codes: [UInt8], _ row: Int, _ border: Int, _ channels: Int)
    -> [UInt8]
  {
    stride(from: border * row, to: codes.count - border * row, by: row).flatMap { start in
      codes[start + border * channels..<start + row - border * channels]
    }
  }

  /// BT.601 luma with the two roundings to 32 bits that the reference makes.
  private static func luma(_ codes: [UInt8], _ channels: Int) -> [Double] {
    stride(from: 0, to: codes.count, by: channels).map { p in
      let red = Double(Float(codes[p]) / 255)
      let green = Double(Float(codes[p + (channels - 1) / 2]) / 255)
      let blue = Double(Float(codes[p + channels - 1]) / 255)
      let y = 65.481 * red + 128.553 * green + 24.966 * blue + 16
      return Double(Float(y / 255) * 255)
    }
  }
}
