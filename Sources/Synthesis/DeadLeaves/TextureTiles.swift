import Basics
import Degradations

/// The noise that all textures of a picture share, each seen turned, stretched, bent and shifted.
///
/// A tile is square noise with the amplitude spectrum 1/f^s. The octaves are made once and summed
/// with other weights for every slope s, so that four tiles cost little more than one.
struct TextureTiles {
  /// How many slopes there are, evenly spread over 0.5...2.5.
  static let count = 4
  /// The streams of the octaves, and of the three that bend textures.
  private static let octaveStream = DeadLeaves.firstStream + 1
  private static let bendStream = DeadLeaves.firstStream + 9

  /// Pixels along a tile, a power of two.
  let side: Int
  /// The tiles one after another; values in 0...1.
  let noise: [Float]
  /// A smooth field of mean 0 and variance 1, within -2.5...2.5.
  let bend: [Float]

  /// Makes tiles for a picture with a short side of `short` pixels.
  init(short: Int, random: RandomStream) {
    side = short > 128 ? 256 : short > 64 ? 128 : 64
    let octaves = TextureTiles.octaves(side, random)
    noise = (0..<TextureTiles.count).flatMap { i in
      // Amplitude f^-s over two dimensions leaves an octave the deviation f^(1 - s).
      TextureTiles.tile(octaves, hurst: 2 * (Double(i) + 0.5) / Double(TextureTiles.count) - 0.5)
    }
    bend = FractalField(
      width: side, height: side, cells: Double(side / 48), octaves: 2, hurst: 1,
      random: random.substream(TextureTiles.bendStream)
    ).values.map { min(max($0, -2.5), 2.5) }
  }

  private static func octaves(_ side: Int, _ random: RandomStream) -> [[Float]] {
    var octaves: [[Float]] = []
    var cells = 2
    while cells <= side / 2 {
      octaves.append(
        FractalField(
          width: side, height: side, cells: Double(cells), octaves: 1, hurst: 0,
          random: random.substream(octaveStream + UInt32(octaves.count))
        ).values)
      cells *= 2
    }
    return octaves
  }

  private static func tile(_ octaves: [[Float]], hurst: Double) -> [Float] {
    let weights = octaves.indices.map { ExactMath.pow(2, -hurst * Double($0)) }
    let power = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var sum = [Float](repeating: 0, count: octaves[0].count)
    for (octave, weight) in zip(octaves, weights) {
      let share = Float(weight / power)
      for i in sum.indices { sum[i] += share * octave[i] }
    }
    // The far tails of the noise bend into the range instead of being cut at its ends.
    for i in sum.indices { sum[i] = sigmoid(sum[i]) }
    return sum
  }

  /// Gives access to the values without checks and counts.
  func withView<T>(_ body: (View) -> T) -> T {
    noise.withUnsafeBufferPointer { noise in
      bend.withUnsafeBufferPointer { bend in
        guard let noise = noise.baseAddress, let bend = bend.baseAddress else {
          fatalError("TextureTiles: no tiles")
        }
        return body(View(noise: noise, bend: bend, side: side))
      }
    }
  }
}

extension TextureTiles {
  /// The tiles as the loops read them.
  struct View {
    let noise: UnsafePointer<Float>
    let bend: UnsafePointer<Float>
    let side: Int

    /// Folds any coordinate into the tile, mirrored at its edges so that no seam shows.
    @inline(__always)
    private func place(_ i: Int) -> Int {
      let folded = i & (2 * side - 1)
      return folded < side ? folded : 2 * side - 1 - folded
    }

    /// The noise of a tile between its pixels, 0...1.
    @inline(__always)
    func value(tile: Int, _ p: SIMD2<Float>) -> Float {
      let (x, y) = (floored(p.x), floored(p.y))
      let (u, v) = (p.x - Float(x), p.y - Float(y))
      let top = noise + (tile * side + place(y)) * side
      let bottom = noise + (tile * side + place(y + 1)) * side
      let (left, right) = (place(x), place(x + 1))
      let a = top[left] + (top[right] - top[left]) * u
      let b = bottom[left] + (bottom[right] - bottom[left]) * u
      return a + (b - a) * v
    }

    /// The displacement at a pixel, in deviations.
    @inline(__always)
    func bend(_ x: Int, _ y: Int) -> SIMD2<Float> {
      // Two places far apart in one field are as good as two fields.
      let row = place(y) * side
      let other = place(y + side / 2 + 7) * side
      return SIMD2(bend[row + place(x)], bend[other + place(x + side / 2 - 5)])
    }
  }
}

/// The whole number at or below `x`, without a call into the C library.
@inline(__always)
func floored(_ x: Float) -> Int {
  let i = Int(x)
  return Float(i) > x ? i - 1 : i
}
