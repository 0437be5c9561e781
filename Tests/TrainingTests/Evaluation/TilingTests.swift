import Testing

@testable import Training

/// How sides are cut into tiles.
@Suite struct TilingTests {
  @Test(
    "tiles cover the side and their weights add up to 1", arguments: [17, 128, 129, 300, 511, 1024])
  func weightsAddUp(side: Int) {
    let tiling = Tiling(side: side, tile: 128, overlap: 32, multiple: 16)
    var sums = [Float](repeating: 0, count: side)
    for (piece, weights) in zip(tiling.pieces, tiling.weights()) {
      #expect(piece.start % 16 == 0)
      #expect(piece.length <= 128)
      #expect(weights.count == piece.length)
      for (i, weight) in weights.enumerated() { sums[piece.start + i] += weight }
    }
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-6 })
  }

  @Test("what lies at an inner border of a tile is not used") func innerBordersAreNotUsed() {
    let tiling = Tiling(side: 300, tile: 128, overlap: 32, multiple: 16)
    let weights = tiling.weights()
    #expect(weights[0].suffix(8).allSatisfy { $0 == 0 })
    #expect(weights[1].prefix(8).allSatisfy { $0 == 0 })
    #expect(weights[0].prefix(90).allSatisfy { $0 == 1 })
  }

  @Test("a short side is one tile") func shortSideIsOneTile() {
    let tiling = Tiling(side: 100, tile: 128, overlap: 32, multiple: 16)
    #expect(tiling.pieces.count == 1)
    #expect(tiling.weights() == [[Float](repeating: 1, count: 100)])
  }
}
