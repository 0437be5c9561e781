import Testing

@testable import Training

/// What a network sees is what the set holds.
@Suite struct BatchValueTests {
  // DiffUIR equalises the histograms of dark inputs before its network sees them.
  @Test("nothing is done to a picture on the way to the network but division by 255")
  func noHiddenPreprocessing() throws {
    let source = PaintedPairs()
    let plan = try BatchPlan(
      source, patches: .init(size: source.side, batch: 4, flips: false, turns: false), seed: 3)
    let batch = try BatchLoader(plan).next()
    let pixels = source.side * source.side * 3
    for (place, key) in batch.keys.enumerated() {
      let index = try #require(Int(key.dropFirst(3)))
      try source.readPair(index) { pair in
        let span = place * pixels..<(place + 1) * pixels
        #expect(batch.lq.floats[span].elementsEqual(pair.lq.map { Float($0) / 255 }))
        #expect(batch.gt.floats[span].elementsEqual(pair.gt.map { Float($0) / 255 }))
      }
    }
  }
}
