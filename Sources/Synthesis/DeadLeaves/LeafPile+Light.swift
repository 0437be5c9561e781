/// What a pixel shows: four places of the raster, averaged or voting.
extension LeafPile {
  /// The light of a plane, premultiplied by its coverage, in linear light.
  ///
  /// Colours are looked up once for each leaf that meets a pixel: within a leaf the four places would
  /// give nearly the same, and edges are where averaging counts.
  func light(of order: [Int32], _ tiles: TextureTiles) -> [SIMD4<Float>] {
    withViews(tiles) { leaves, paints, tiles in
      func light(_ leaf: Int32, _ x: Int, _ y: Int) -> SIMD4<Float> {
        if leaf < 0 { return .zero }
        var light = leaves[Int(leaf)].light(x, y, paints, tiles)
        light.w = 1
        return light
      }
      return map(order) { x, y, places in
        let first = light(places[0], x, y)
        if places == SIMD4(repeating: places[0]) { return first }
        let second = places[1] == places[0] ? first : light(places[1], x, y)
        let third =
          places[2] == places[0] ? first : places[2] == places[1] ? second : light(places[2], x, y)
        let fourth =
          places[3] == places[1] ? second : places[3] == places[2] ? third : light(places[3], x, y)
        return ((first + second) + (third + fourth)) * 0.25
      }
    }
  }

  /// The leaf of each pixel: that of most of its places, the nearest of those that are even.
  func ranks(of order: [Int32]) -> [Int32] {
    map(order) { _, _, places in
      places == SIMD4(repeating: places[0]) ? places[0] : LeafPile.majority(places)
    }
  }

  private static func majority(_ places: SIMD4<Int32>) -> Int32 {
    var (best, votes) = (Int32.max, 0)
    for i in 0..<4 {
      var same = 0
      for j in 0..<4 where places[j] == places[i] { same += 1 }
      if same > votes || (same == votes && places[i] < best) { (best, votes) = (places[i], same) }
    }
    return best
  }

  /// Returns what `body` says of every pixel, given its column, its row and the leaves at its places.
  @inline(__always)
  private func map<T>(_ order: [Int32], _ body: (Int, Int, SIMD4<Int32>) -> T) -> [T] {
    [T](unsafeUninitializedCapacity: width * height) { out, count in
      order.withUnsafeBufferPointer { order in
        for y in 0..<height {
          for x in 0..<width {
            let (top, bottom) = (2 * (2 * y * width + x), 2 * ((2 * y + 1) * width + x))
            let places = SIMD4(order[top], order[top + 1], order[bottom], order[bottom + 1])
            out.initializeElement(at: y * width + x, to: body(x, y, places))
          }
        }
      }
      count = width * height
    }
  }

  private func withViews<T>(
    _ tiles: TextureTiles,
    _ body: (UnsafePointer<Leaf>, UnsafePointer<LeafPaint>, TextureTiles.View) -> T
  ) -> T {
    tiles.withView { tiles in
      leaves.withUnsafeBufferPointer { leaves in
        paints.withUnsafeBufferPointer { paints in
          guard let leaves = leaves.baseAddress else { fatalError("LeafPile: no leaves") }
          // An empty array may have no address; no leaf reads it then.
          let paints =
            paints.baseAddress ?? UnsafeRawPointer(leaves).assumingMemoryBound(to: LeafPaint.self)
          return body(leaves, paints, tiles)
        }
      }
    }
  }
}
