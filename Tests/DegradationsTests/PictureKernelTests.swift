import Basics
import CPixels
import Images
import Testing

@testable import Degradations

/// Kernels that work on whole pictures.
@Suite("Kernels of whole pictures") struct PictureKernelTests {
  static let sizes = [(1, 1), (2, 3), (17, 31), (40, 9), (64, 48)]

  private func noise(_ count: Int, _ index: UInt64) -> [Float] {
    var random = RandomStream(seed: 12, index: index)
    return (0..<count).map { _ in Float(random.uniform()) }
  }

  /// What every instruction set of this CPU makes; they have to agree.
  private func made(_ work: (dp_kernels) -> [Float]) throws -> [Float] {
    let portable = work(try #require(dp_kernels_of(DP_PORTABLE)).pointee)
    for isa in vectorSets {
      let other = work(try #require(dp_kernels_of(isa)).pointee)
      #expect(portable.map(\.bitPattern) == other.map(\.bitPattern))
    }
    return portable
  }

  @Test("a box mean is the mean over the mirrored box", arguments: [(2, 2), (11, 10), (0, 1)])
  func boxMean(before: Int, after: Int) throws {
    for (width, height) in Self.sizes {
      let map = noise(width * height, 1)
      let mean = try made { k in
        var scratch = [Float](repeating: 0, count: dp_box_scratch(width, before, after))
        var out = map
        k.box_mean(&out, map, width, height, before, after, &scratch)
        return out
      }
      for i in mean.indices {
        var sum = 0.0
        for dy in -before...after {
          for dx in -before...after {
            let x = Image.reflected(i % width + dx, width)
            sum += Double(map[Image.reflected(i / width + dy, height) * width + x])
          }
        }
        let exact = sum / Double((before + after + 1) * (before + after + 1))
        #expect(abs(Double(mean[i]) - exact) < 1e-6)
      }
    }
  }

  @Test("the guided filter fits a line of the guide in every window")
  func guided() throws {
    for (width, height) in Self.sizes {
      let (guide, input) = (noise(width * height, 2), noise(width * height, 3))
      let found = try made { k in
        var scratch = [Float](repeating: 0, count: 4 * (height + 1) * dp_guided_stride(width))
        var out = guide
        k.guided3(&out, guide, input, width, height, 0.01, &scratch)
        return out
      }
      func mean(_ values: [Double]) -> [Double] {
        values.indices.map { i in
          (0..<9).reduce(0) { sum, k in
            let x = Image.reflected(i % width + k % 3 - 1, width)
            return sum + values[Image.reflected(i / width + k / 3 - 1, height) * width + x] / 9
          }
        }
      }
      let (g, p) = (guide.map { Double($0) }, input.map { Double($0) })
      let (meanG, meanP) = (mean(g), mean(p))
      let (square, product) = (mean(zip(g, g).map(*)), mean(zip(g, p).map(*)))
      let slope = g.indices.map {
        (product[$0] - meanG[$0] * meanP[$0]) / (square[$0] - meanG[$0] * meanG[$0] + 0.01)
      }
      let offset = g.indices.map { meanP[$0] - slope[$0] * meanG[$0] }
      let (meanSlope, meanOffset) = (mean(slope), mean(offset))
      for i in found.indices {
        #expect(abs(Double(found[i]) - (meanSlope[i] * g[i] + meanOffset[i])) < 1e-6)
      }
    }
  }

  @Test("streaks and flakes are the same in every instruction set, and count what they cover")
  func particles() throws {
    for (width, height) in Self.sizes {
      let depth = noise(width * height, 4)
      let maps = try made { k in
        var (own, all) = (depth.map { _ in Float(1) }, depth.map { _ in Float(1) })
        var covered = 0
        for i in 0..<12 {
          var random = RandomStream(seed: 4, index: UInt64(i))
          var layer = dp_layer(
            own: nil, all: nil, depth: nil, width: width, height: height, distance: 0.2, seen: 0.02)
          own.withUnsafeMutableBufferPointer { own in
            all.withUnsafeMutableBufferPointer { all in
              depth.withUnsafeBufferPointer { depth in
                (layer.own, layer.all, layer.depth) = (
                  own.baseAddress, all.baseAddress, depth.baseAddress
                )
                covered += Self.draw(k, &layer, &random)
              }
            }
          }
        }
        #expect(covered == all.count { 1 - $0 > 0.02 })
        return own + all
      }
      let hidden = zip(depth, maps).allSatisfy { $0 >= 0.2 || $1 == 1 }
      #expect(hidden, "what is nearer hides the layer")
    }
  }

  private static func draw(
    _ k: dp_kernels, _ layer: inout dp_layer, _ random: inout RandomStream
  ) -> Int {
    let (w, h) = (Double(layer.width), Double(layer.height))
    var streak = dp_streak(
      x: random.uniform(-3, w + 3), y: random.uniform(-9, h), slope: 0.3, cosine: 0.957826,
      rise: 9, width: random.uniform(0.3, 20), opacity: 0.6, wobble: 1.5, phase: 0.2)
    var flake = dp_flake(
      x: random.uniform(0, w), y: random.uniform(0, h), along_x: 0.6, along_y: 0.8, half: 2,
      opacity: 0.8, steepness: 1.1, lobes: 2)
    let lobes = [dp_lobe(x: 0, y: 0, radius: 3), dp_lobe(x: 1, y: -1, radius: 9)]
    return k.streak(&layer, &streak) + k.flake(&layer, &flake, lobes)
  }

  @Test("both ways of blurring give the plain sum, in every instruction set")
  func blurs() throws {
    for grid in [
      Aperture(radius: 3.4, blades: 0, rotation: 0).grid, jincSpread(cutoff: 1, size: 9),
    ] {
      for (width, height) in Self.sizes {
        let image = Image(width: width, height: height, pixels: noise(width * height * 3, 5))
        var (folded, byRuns) = (image, image)
        KernelBlur(grid).blur(&folded)
        KernelBlur(byRuns: grid).blur(&byRuns)
        #expect(zip(folded.pixels, byRuns.pixels).allSatisfy { abs($0 - $1) < 2e-6 })
      }
    }
  }

  @Test("codes by table are the codes by the curve, next to every start too")
  func codes() throws {
    let ends = (0...255).flatMap { code -> [Float] in
      let middle = ColorSpace.linear(fromSRGB: (Float(code) + 0.5) / 255)
      return [
        middle.nextDown.nextDown, middle.nextDown, middle, middle.nextUp, middle.nextUp.nextUp,
      ]
    }
    let light = ends + noise(5000, 6) + [-1, 0, 1, 2, 1000]
    let picture = Image(width: light.count, height: 1, channels: 1, space: .linear, pixels: light)
    #expect(picture.bytes == picture.toSRGB().bytes)
    let odd = Image(
      width: 3, height: 1, channels: 1, space: .linear, pixels: [.nan, .infinity, -.infinity])
    #expect(odd.bytes == [0, 255, 0])
    let codes = (0...255).map { UInt8($0) }
    let back = Image(width: 256, height: 1, channels: 1, bytes: codes, in: .linear)
    #expect(back.pixels == ColorSpace.linearOfCode && back.bytes == codes)
  }
}
