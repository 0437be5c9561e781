import Basics

/// Where a patch is cut and how it is turned: a function of (seed, epoch, position) alone.
struct Augmentation: Equatable {
  let x: Int
  let y: Int
  let flipped: Bool
  /// Quarter turns, counter-clockwise.
  let turns: Int

  /// Draws the patch for one place of an epoch; thread, worker count and restart have no part in it.
  init(
    seed: UInt64, epoch: Int, position: Int, size: (width: Int, height: Int),
    cut: TrainingRecipe.Patches
  ) {
    var random = RandomStream(
      seed: seed, index: UInt64(epoch) << 40 | UInt64(position), stream: 0x6175_676D)
    x = random.integer(below: size.width - cut.size + 1)
    y = random.integer(below: size.height - cut.size + 1)
    let flip = random.chance(0.5)
    let turn = random.integer(below: 4)
    flipped = flip && cut.flips
    turns = cut.turns ? turn : 0
  }

  /// Cuts the patch of side `side` out of a picture of rows of RGB, flips it, then turns it.
  func copy(
    _ side: Int, from picture: UnsafeBufferPointer<UInt8>, width: Int,
    to patch: UnsafeMutablePointer<UInt8>
  ) {
    let last = side - 1
    for i in 0..<side {
      for j in 0..<side {
        // The source of the turned patch's pixel (i, j).
        let (row, turnedColumn) =
          switch turns {
          case 1: (j, last - i)
          case 2: (last - i, last - j)
          case 3: (last - j, i)
          default: (i, j)
          }
        let column = flipped ? last - turnedColumn : turnedColumn
        let source = ((y + row) * width + x + column) * 3
        let target = (i * side + j) * 3
        patch[target] = picture[source]
        patch[target + 1] = picture[source + 1]
        patch[target + 2] = picture[source + 2]
      }
    }
  }
}
