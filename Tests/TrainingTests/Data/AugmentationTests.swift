import Images
import Testing

@testable import Training

/// Flips and turns of a patch.
@Suite struct AugmentationTests {
  private func patches() -> Set<[UInt8]> {
    // A picture of one patch of 2x2: the four codes tell how it was turned.
    let picture: [UInt8] = [1, 2, 3, 4].flatMap { [$0, $0, $0] }
    var found: Set<[UInt8]> = []
    for position in 0..<200 {
      let cut = Augmentation(
        seed: 1, epoch: 0, position: position, size: (2, 2), cut: .init(size: 2, batch: 1)
      ).cut(2)
      let patch = cutPatch(cut, picture, width: 2).map { UInt8($0 * 255) }
      found.insert([patch[0], patch[3], patch[6], patch[9]])
    }
    return found
  }

  @Test("all eight flips and turns occur, and nothing else") func allEightOccur() {
    let expected: Set<[UInt8]> = [
      [1, 2, 3, 4], [2, 1, 4, 3], [2, 4, 1, 3], [1, 3, 2, 4], [4, 3, 2, 1], [3, 4, 1, 2],
      [3, 1, 4, 2], [4, 2, 3, 1],
    ]
    #expect(patches() == expected)
  }

  @Test("without flips and turns only the place varies") func settingsAreKept() {
    let cuts = (0..<100).map {
      Augmentation(
        seed: 1, epoch: 2, position: $0, size: (20, 10),
        cut: .init(size: 8, batch: 1, flips: false, turns: false))
    }
    #expect(cuts.allSatisfy { !$0.flipped && $0.turns == 0 })
    #expect(Set(cuts.map(\.x)) == Set(0...12))
    #expect(Set(cuts.map(\.y)) == Set(0...2))
  }
}

/// The values of a patch.
func cutPatch(_ cut: PatchCut, _ picture: [UInt8], width: Int) -> [Float] {
  [Float](unsafeUninitializedCapacity: cut.side * cut.side * 3) { values, count in
    count = cut.side * cut.side * 3
    guard let target = values.baseAddress else { return }
    picture.withUnsafeBufferPointer { cut.write($0, width: width, to: target) }
  }
}
