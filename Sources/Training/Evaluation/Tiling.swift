import Basics

/// How a long side is cut into overlapping tiles, and how their results are blended.
///
/// Tiles begin at multiples of what the network shrinks by, so that its grids fall on the same pixels
/// as they would in the whole picture. Near an inner border a tile sees too little of the picture: the
/// outermost quarter of an overlap is not used, over the rest the weight rises smoothly to 1.
struct Tiling {
  /// The tiles' first pixels and lengths.
  let pieces: [(start: Int, length: Int)]
  private let side: Int
  private let overlap: Int

  /// Cuts `side` pixels into tiles of at most `tile`, neighbours sharing `overlap` or more.
  ///
  /// - Precondition: `tile` and `overlap` are multiples of `multiple`, and overlap < tile.
  init(side: Int, tile: Int, overlap: Int, multiple: Int) {
    require(
      tile % multiple == 0 && overlap % multiple == 0 && 0 < overlap && overlap < tile,
      "Tiling: tile \(tile), overlap \(overlap), multiple \(multiple)")
    (self.side, self.overlap) = (side, overlap)
    guard side > tile else {
      pieces = [(0, side)]
      return
    }
    let last = (side - tile + multiple - 1) / multiple * multiple
    var starts = Array(stride(from: 0, to: last, by: tile - overlap))
    starts.append(last)
    pieces = starts.map { ($0, min(tile, side - $0)) }
  }

  /// The share of each tile in each of its pixels; all shares in a pixel add up to 1.
  func weights() -> [[Float]] {
    let raw = pieces.map { piece in (0..<piece.length).map { weight(at: $0, in: piece) } }
    var sums = [Double](repeating: 0, count: side)
    for (piece, weights) in zip(pieces, raw) {
      for (i, weight) in weights.enumerated() { sums[piece.start + i] += weight }
    }
    return zip(pieces, raw).map { piece, weights in
      weights.enumerated().map { Float($1 / sums[piece.start + $0]) }
    }
  }

  private func weight(at i: Int, in piece: (start: Int, length: Int)) -> Double {
    let fromStart = piece.start == 0 ? overlap : i
    let fromEnd = piece.start + piece.length == side ? overlap : piece.length - 1 - i
    let unused = overlap / 4
    let t = Double(min(fromStart, fromEnd) - unused) / Double(overlap - 2 * unused)
    let clamped = min(max(t, 0), 1)
    return clamped * clamped * (3 - 2 * clamped)
  }
}
