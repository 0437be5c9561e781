import Images

/// Multiplies the pixels that have a clipped channel, so that blur spreads highlights as the sun does.
///
/// A file ends at white; the scene did not. All channels are multiplied alike, so that the colour
/// stays. Clipped is what rounds to the last 8-bit code.
package func raiseHighlights(of image: inout Image, by gain: Float) {
  let limit: Float = image.space == .linear ? 0.9955 : 0.99804
  image.pixels.withUnsafeMutableBufferPointer { p in
    for i in stride(from: 0, to: p.count, by: 3)
    where max(p[i], p[i + 1], p[i + 2]) >= limit {
      for c in i..<i + 3 { p[c] *= gain }
    }
  }
}
