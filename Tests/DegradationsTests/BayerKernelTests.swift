import Basics
import CPixels
import Testing

@Suite("Colour filter kernels") struct BayerKernelTests {
  private static let methods = [DP_BILINEAR, DP_MALVAR, DP_EDGE_AWARE]

  @Test("every instruction set gives the bits of the portable one, at any size and phase")
  func sameBits() throws {
    let portable = try #require(dp_kernels_of(DP_PORTABLE)).pointee
    for isa in [DP_AVX2, DP_AVX512] {
      guard let vector = dp_kernels_of(isa)?.pointee else {
        print("NOT TESTED: this CPU has no \(String(cString: dp_isa_name(isa))) for mosaics")
        continue
      }
      for width in [2, 3, 7, 15, 16, 17, 31, 32, 33, 50] {
        for (height, red) in [(2, 0), (3, 1), (5, 2), (4, 3)] {
          for method in Self.methods {
            let a = bits(portable, width, height, UInt32(red), method)
            #expect(a == bits(vector, width, height, UInt32(red), method), "\(width)x\(height)")
          }
        }
      }
    }
  }

  private func bits(
    _ k: dp_kernels, _ width: Int, _ height: Int, _ red: UInt32, _ method: dp_demosaic
  ) -> [UInt32] {
    var random = RandomStream(seed: 5, index: UInt64(width))
    let x = (0..<3 * width * height).map { _ in Float(random.uniform(-0.1, 1.2)) }
    var y = [Float](repeating: 0, count: width * height)
    k.mosaic(&y, x, width, height, red, [0.5, 1, 0.7])
    var scratch = [Float](repeating: 0, count: (height + 4) * dp_demosaic_stride(width))
    var out = [Float](repeating: 0, count: x.count)
    k.demosaic(&out, y, &scratch, width, height, red, [2, 1, 1.4], method)
    return (y + out).map(\.bitPattern)
  }
}
