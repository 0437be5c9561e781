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
  /// Of sRGB values rint(255 x), half to even; of light the same after the curve, by table.
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
  /// The least light of each 8-bit code from 1 on, so that table and curve agree in every float.
  static let codeStarts: [Float] = (1...255).map { code in
    var (below, start) = (Float(0x1p-13).bitPattern, Float(1).bitPattern)
    while start - below > 1 {
      let middle = below + (start - below) / 2
      if ColorSpace.code(ofLight: Float(bitPattern: middle)) < code {
        below = middle
      } else {
        start = middle
      }
    }
    return Float(bitPattern: start)
  }

  /// The code of an amount of light up to 1, by the curve.
  static func code(ofLight light: Float) -> Int {
    Int((srgb(fromLinear: light) * 255).rounded(.toNearestOrEven))
  }

  /// Finds the code of an amount of light (see `dp_code_table`).
  fileprivate static let codeTable: [UInt32] = {
    var table = [UInt32](repeating: 0, count: Int(DP_CODE_CELLS))
    dp_code_table(&table, codeStarts)
    return table
  }()
}
