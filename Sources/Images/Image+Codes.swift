import Basics
import CPixels

/// 8-bit sRGB codes, as files hold them, and back.
extension Image {
  /// Creates a picture from 8-bit codes, on codes or in linear light.
  public init(
    width: Int, height: Int, channels: Int = 3, bytes: [UInt8], in space: Space = .srgb
  ) {
    let kernels = dp_kernels_used().pointee
    let pixels = [Float](unsafeUninitializedCapacity: bytes.count) { values, count in
      switch space {
      case .srgb: kernels.from_codes(values.baseAddress, bytes, bytes.count)
      case .linear:
        kernels.light_of_codes(values.baseAddress, bytes, bytes.count, ColorSpace.linearOfCode)
      }
      count = bytes.count
    }
    self.init(width: width, height: height, channels: channels, space: space, pixels: pixels)
  }

  /// The 8-bit codes, clamped and rounded; what is not a number becomes 0.
  ///
  /// Of sRGB values rint(255 x), half to even; of light, the code whose range holds it, exactly.
  public var bytes: [UInt8] {
    let kernels = dp_kernels_used().pointee
    return [UInt8](unsafeUninitializedCapacity: pixels.count) { codes, count in
      switch space {
      case .srgb: kernels.to_codes(codes.baseAddress, pixels, pixels.count)
      case .linear:
        kernels.codes_of_light(codes.baseAddress, pixels, pixels.count, ColorSpace.codeTable)
      }
      count = pixels.count
    }
  }
}

extension ColorSpace {
  /// The least light of each 8-bit code from 1 on.
  static let codeStarts: [Float] = (0..<255).map { code in
    let exact = exactLinear(fromSRGB: (Double(code) + 0.5) / 255)
    let nearest = Float(exact)
    return Double(nearest) >= exact ? nearest : nearest.nextUp
  }

  /// Finds the code of an amount of light (see `dp_code_table`).
  fileprivate static let codeTable: [UInt32] = {
    var table = [UInt32](repeating: 0, count: Int(DP_CODE_CELLS))
    dp_code_table(&table, codeStarts)
    return table
  }()

  private static func exactLinear(fromSRGB s: Double) -> Double {
    s <= 0.04045 ? s / 12.92 : ExactMath.pow((s + 0.055) / 1.055, 2.4)
  }
}
