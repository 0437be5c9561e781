import Basics
import CPixels
import Testing

@testable import Images

@Suite struct StructuralSimilarityTests {
  private static let sets = [DP_PORTABLE, DP_AVX2, DP_AVX512].filter { dp_kernels_of($0) != nil }

  @Test("every instruction set gives the same bits, whatever the size", arguments: 11...24)
  func instructionSets(width: Int) throws {
    var random = RandomStream(seed: 2, index: UInt64(width))
    let (height, channels) = (13, width % 2 == 0 ? 1 : 3)
    let values = (0..<2).map { _ in
      (0..<width * height * channels).map { _ in Double(random.integer(below: 256)) }
    }
    let results = try Self.sets.map { set in
      StructuralSimilarity.mean(
        values[0], values[1], width: width, height: height, channels: channels,
        kernels: try #require(dp_kernels_of(set)).pointee)
    }
    #expect(results.allSatisfy { $0 == results[0] && $0.isFinite })
    if Self.sets.count < 3 { print("SSIM: only \(Self.sets.count) of 3 instruction sets here") }
  }

  @Test("a window in the middle of a flat picture sees only its own step")
  func oneWindow() {
    // One place: the value is the formula itself, worked out here without the window's symmetry.
    var a = [Double](repeating: 100, count: 121)
    let b = a
    a[60] = 160
    let weight = (-5...5).map { ExactMath.exp(-Double($0 * $0) / 4.5) }
    let centre = 1 / (weight.reduce(0, +) * weight.reduce(0, +))
    let mean = 100 + 60 * centre
    let variance = centre * 160 * 160 + (1 - centre) * 100 * 100 - mean * mean
    let luminance = (2 * mean * 100 + 6.5025) / (mean * mean + 10000 + 6.5025)
    let expected = luminance * 58.5225 / (variance + 58.5225)
    let found = StructuralSimilarity.mean(a, b, width: 11, height: 11, channels: 1)
    #expect(abs(found - expected) < 1e-12)
  }
}
