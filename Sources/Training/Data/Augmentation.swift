import Basics
import Images

/// Where a patch is cut and how it is turned: a function of (seed, epoch, position) alone.
struct Augmentation: Equatable {
  let x: Int
  let y: Int
  let flipped: Bool
  /// Quarter turns, counter-clockwise.
  let turns: Int

  /// Draws the patch for one place of an epoch; thread, rank and restart have no part in it.
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

  /// The cut of a patch of side `side`.
  func cut(_ side: Int) -> PatchCut {
    PatchCut(x: x, y: y, side: side, flipped: flipped, turns: turns)
  }
}
