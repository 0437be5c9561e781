import Basics
import Images
import Networks
import TestSupport
import Testing

@testable import Training

/// Whole pictures through a network.
@Suite struct RestorerTests {
  private static func network() -> NAFNet {
    let sizes = NAFNet.Configuration(
      width: 4, encoderBlocks: [1, 0], middleBlocks: 0, decoderBlocks: [0, 1])
    return NAFNet(sizes, seed: 4)
  }

  private static func picture(width: Int, height: Int) -> Image {
    var random = RandomStream(seed: 8)
    return Image(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in Float(random.uniform()) })
  }

  @Test(
    "pictures of any size keep it",
    arguments: [(1, 1), (5, 3), (16, 16), (17, 40), (100, 31)])
  func anySizeIsKept(width: Int, height: Int) {
    let picture = RestorerTests.picture(width: width, height: height)
    let result = Restorer(RestorerTests.network(), nil, classes: []).restore(picture).image
    #expect((result.width, result.height) == (width, height))
    #expect(result.pixels.allSatisfy { $0.isFinite })
  }

  @Test("tiles give the picture that the whole gives, without seams") func tilesHaveNoSeams() {
    // A fresh network's blocks are the identity: what remains are convolutions, which see less far
    // than the part of the overlap that is not used.
    let picture = RestorerTests.picture(width: 200, height: 150)
    let network = RestorerTests.network()
    let whole = Restorer(network, nil, classes: [], tile: 512).restore(picture).image
    let tiled = Restorer(network, nil, classes: [], tile: 96, overlap: 48).restore(picture).image
    #expect(whole.pixels != picture.pixels)
    #expect(relativeError(tiled.pixels, whole.pixels) < 1e-5)
  }

  @Test("without a classifier nothing is named, with one the shares add up to 1")
  func probabilitiesAddUp() throws {
    let network = RestorerTests.network()
    let sizes = DegradationClassifier.Configuration(
      featureChannels: network.featureChannels, classes: 3, blocks: 1, expansion: 1)
    let classifier = DegradationClassifier(sizes, seed: 1)
    let picture = RestorerTests.picture(width: 150, height: 40)
    #expect(Restorer(network, nil, classes: []).restore(picture).probabilities == nil)
    let named = Restorer(network, classifier, classes: ["a", "b", "c"], tile: 64, overlap: 16)
      .restore(picture)
    let probabilities = try #require(named.probabilities)
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-9)
    #expect(
      named.classNumber == probabilities.indices.max { probabilities[$0] < probabilities[$1] })
  }
}
