import Basics
import Images

/// What was done to a picture, as numbers; the digits that matter, so that labels stay short.
enum Measurement {
  /// A label's `measured`.
  ///
  /// - Parameter coverage: The share of pixels that a degradation covers, where it knows.
  static func json(gt: [UInt8], lq: [UInt8], width: Int, height: Int, coverage: Double?) -> JSON {
    let psnr = Quality.psnr(
      gt, lq, width: width, height: height, channels: 3, cropBorder: 0, luma: false)
    let ssim = Quality.ssim(
      gt, lq, width: width, height: height, channels: 3, cropBorder: 0, luma: false)
    return [
      "psnr": .number(rounded(psnr, 4)), "ssim": .number(rounded(ssim, 6)),
      "luma": .number(rounded(luma(lq), 4)), "clipped": .number(rounded(clipped(lq), 6)),
      "coverage": coverage.map { .number(rounded($0, 6)) } ?? .null,
    ]
  }

  /// A label's `lq` and `gt`.
  static func form(width: Int, height: Int) -> JSON {
    [
      "width": .integer(width), "height": .integer(height), "channels": 3, "dtype": "|u1",
      "space": "srgb",
    ]
  }

  /// The share of values at either end of the range.
  static func clipped(_ bytes: [UInt8]) -> Double {
    let ends = bytes.withUnsafeBufferPointer { bytes in
      // 0 and 255 are the two that wrap to at most 1.
      bytes.reduce(into: 0) { $0 &+= $1 &+ 1 <= 1 ? 1 : 0 }
    }
    return Double(ends) / Double(bytes.count)
  }

  /// The mean of BT.601 luma in full range, 0...1.
  private static func luma(_ bytes: [UInt8]) -> Double {
    var sums = SIMD3<Int>()
    for i in stride(from: 0, to: bytes.count, by: 3) {
      sums &+= SIMD3(Int(bytes[i]), Int(bytes[i + 1]), Int(bytes[i + 2]))
    }
    let weighted = 299 * sums[0] + 587 * sums[1] + 114 * sums[2]
    return Double(weighted) / (1000 * 255 * Double(bytes.count / 3))
  }

  private static func rounded(_ x: Double, _ decimals: Int) -> Double {
    let scale = (0..<decimals).reduce(1.0) { s, _ in s * 10 }
    return x.isFinite ? (x * scale).rounded() / scale : x
  }
}
