import Basics
import Images
import Networks
import TestSupport
import Testing

@testable import Training

/// Whole sets judged, and the report about them.
@Suite struct EvaluationTests {
  private func contender(
    _ name: String, classes: [String] = PaintedPairs().classes, namesOnly: Bool = false
  )
    -> Evaluation.Contender
  {
    let sizes = NAFNet.Configuration(
      width: 4, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1])
    let network = NAFNet(sizes, seed: 4)
    let classifier = DegradationClassifier(
      .init(featureChannels: network.featureChannels, classes: 3, blocks: 1, expansion: 1), seed: 2)
    let restorer = Restorer(network, classifier, classes: classes)
    return .init(
      name: name, weights: name + ".safetensors", restorer: restorer, namesOnly: namesOnly)
  }

  @Test(
    "levels are fifths of the severity",
    arguments: [(0.0, 1), (0.1, 1), (0.3, 2), (0.5, 3), (0.7, 4), (0.9, 5), (1.0, 5)])
  func levelsAreFifths(severity: Double, level: Int) {
    #expect(Evaluation.level(of: severity) == level)
  }

  @Test("the input's scores are those of its pictures") func inputIsMeasured() throws {
    let evaluation = try Evaluation(PaintedPairs(), [])
    #expect(evaluation.records == 12)
    // Class 0 is not darkened at all, class 2 is darkened to a fifth.
    #expect(evaluation.scores(ofClass: 0, 0).psnr == .infinity)
    #expect(evaluation.scores(ofClass: 2, 0).count == 4)
    var expected = Scores()
    for index in stride(from: 2, to: 12, by: 3) {
      try PaintedPairs().readPair(index) { pair in
        let (lq, gt) = (Array(pair.lq), Array(pair.gt))
        expected.add(
          psnr: Quality.psnr(lq, gt, width: 24, height: 24, channels: 3),
          ssim: Quality.ssim(lq, gt, width: 24, height: 24, channels: 3))
      }
    }
    #expect(abs(evaluation.scores(ofClass: 2, 0).psnr - expected.psnr) < 1e-9)
    #expect(abs(evaluation.scores(ofClass: 2, 0).ssim - expected.ssim) < 1e-9)
  }

  @Test("every record is named once, and counted at its level") func confusionIsComplete() throws {
    let evaluation = try Evaluation(
      PaintedPairs(), [contender("a"), contender("b", namesOnly: true)])
    #expect(evaluation.names == ["input", "a"])
    for index in 0..<2 {
      let all = try #require(evaluation.confusion(index))
      #expect(all.total == 12)
      #expect(all.counts.map { $0.reduce(0, +) } == [4, 4, 4])
      let levels = (0..<5).map { evaluation.confusion(index, levels: $0..<$0 + 1)?.total }
      #expect(levels == [3, 3, 2, 2, 2])
    }
  }

  @Test("the report holds a row for each class and a column for each contender")
  func reportIsComplete() throws {
    let evaluation = try Evaluation(PaintedPairs(), [contender("scratch"), contender("dcpt")])
    let text = evaluation.markdown
    #expect(text.contains("| degradation | input | scratch | dcpt |"))
    for name in PaintedPairs().classes { #expect(text.contains("| \(name) | ")) }
    #expect(text.contains("### Named by dcpt"))
    let json = evaluation.json
    #expect(json["quality"]?["dark"]?["dcpt"]?["records"]?.integer == 4)
    #expect(json["quality"]?["dark"]?["input"]?["levels"]?["1"]?["records"]?.integer == 1)
    #expect(json["classification"]?["scratch"]?["confusion"]?.array?.count == 3)
  }

  @Test("a classifier of other classes is refused") func otherClassesAreRefused() throws {
    let problem = try #require(throws: Problem.self) {
      try Evaluation(PaintedPairs(), [contender("x", classes: ["snow", "moire", "jpeg"])])
    }
    #expect(problem.place == "x.safetensors")
    #expect(problem.what.contains("snow, moire, jpeg"))
  }
}
