import Basics
import Images
import Testing

@testable import Degradations

@Suite("Salt and pepper") struct SaltPepperNoiseTests {
  private func struck(p: Double, salt: Double = 0.5, perChannel: Bool, side: Int = 256) throws
    -> (before: Image, after: Image)
  {
    let noise = try SaltPepperNoise(parameters: [
      "p": .number(p), "salt": .number(salt), "per_channel": .bool(perChannel),
    ])
    let (gt, scene) = testPicture(side, side)
    // Neither black nor white, so that every hit is seen.
    let before = Image(width: side, height: side, pixels: gt.pixels.map { 0.1 + 0.8 * $0 })
    var after = before
    _ = noise.apply(to: &after, scene: scene, random: RandomStream(seed: 8, index: 1, stream: 5))
    return (before, after)
  }

  @Test(
    "the share of replaced places and of white ones is the label's",
    arguments: [0.005, 0.05, 0.25, 1], [true, false])
  func share(p: Double, perChannel: Bool) throws {
    for salt in [0.5, 0.2] {
      let (_, after) = try struck(p: p, salt: salt, perChannel: perChannel)
      let step = perChannel ? 1 : 3
      let places = stride(from: 0, to: after.pixels.count, by: step).map { after.pixels[$0] }
      let n = Double(places.count)
      let white = Double(places.count { $0 == 1 })
      let black = Double(places.count { $0 == 0 })
      // Five deviations of a binomial count.
      func fits(_ count: Double, _ q: Double) -> Bool {
        abs(count - n * q) <= 5 * (n * q * (1 - q)).squareRoot() + 1e-6
      }
      #expect(fits(white, p * salt) && fits(black, p * (1 - salt)), "\(white), \(black) of \(n)")
    }
  }

  @Test("what is not struck keeps its bits", arguments: [true, false])
  func bits(perChannel: Bool) throws {
    let (before, after) = try struck(p: 0.1, perChannel: perChannel)
    let changed = zip(before.pixels, after.pixels).filter { $0 != $1 }
    #expect(!changed.isEmpty && changed.allSatisfy { $0.1 == 0 || $0.1 == 1 })
  }

  @Test("whole pixels are struck in all channels, single values in one")
  func places() throws {
    let whole = try struck(p: 0.1, perChannel: false).after.pixels
    for i in stride(from: 0, to: whole.count, by: 3) where whole[i] == 0 || whole[i] == 1 {
      #expect(whole[i] == whole[i + 1] && whole[i] == whole[i + 2])
    }
    let single = try struck(p: 0.1, perChannel: true).after.pixels
    let hits = stride(from: 0, to: single.count, by: 3).map { i in
      (0..<3).count { single[i + $0] == 0 || single[i + $0] == 1 }
    }
    // Independent channels: 0.243 of the pixels have one hit, 0.001 three.
    #expect(abs(Double(hits.count { $0 == 1 }) / 65536 - 0.243) < 0.01)
    #expect(hits.count { $0 == 3 } < 200)
  }

  @Test("both kinds of places are drawn")
  func kinds() {
    let kinds = (UInt64(0)..<20).map { seed in
      var random = RandomStream(seed: seed)
      return SaltPepperNoise(
        severity: 0.5, scene: Scene(width: 8, height: 8), space: .srgb, drawing: &random
      ).perChannel
    }
    #expect(kinds.contains(true) && kinds.contains(false))
  }
}
