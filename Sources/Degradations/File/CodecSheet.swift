import Images

/// The 8-bit codes of a picture with a mirrored margin left and above, so that a codec's blocks do not
/// begin at the picture's corner.
struct CodecSheet {
  /// Sides of one piece; a codec's own limit is a little above it.
  private static let side = 65_472

  private let left: Int
  private let top: Int
  private let width: Int
  private let height: Int
  private var codes: [UInt8]

  init(_ codes: [UInt8], width columns: Int, height rows: Int, left: Int, top: Int) {
    (self.left, self.top) = (left, top)
    (width, height) = (left + columns, top + rows)
    self.codes = codes
    if left + top > 0 { addMargin(columns, rows) }
  }

  private mutating func addMargin(_ columns: Int, _ rows: Int) {
    let (left, top, row) = (left, top, 3 * width)
    let inner = codes
    codes = [UInt8](unsafeUninitializedCapacity: row * height) { out, count in
      inner.withUnsafeBufferPointer { inner in
        guard let out = out.baseAddress, let inner = inner.baseAddress else { return }
        for y in 0..<top + rows {
          let from = Image.reflected(y - top, rows) * 3 * columns
          let to = y * row
          (out + to + 3 * left).initialize(from: inner + from, count: 3 * columns)
          for x in 0..<left {
            let source = from + 3 * Image.reflected(x - left, columns)
            for c in 0..<3 { out[to + 3 * x + c] = inner[source + c] }
          }
        }
      }
      count = row * (top + rows)
    }
  }

  /// Sends the sheet through the codec, in pieces when a side is longer than the codec's limit.
  mutating func save(quality: Int, subsampling: JPEGFile.Subsampling) {
    if max(width, height) <= Self.side {
      JPEGFile.saveAndOpen(
        &codes, width: width, height: height, quality: quality, subsampling: subsampling)
      return
    }
    for y in stride(from: 0, to: height, by: Self.side) {
      for x in stride(from: 0, to: width, by: Self.side) {
        let (w, h) = (min(Self.side, width - x), min(Self.side, height - y))
        var piece: [UInt8] = []
        for row in y..<y + h {
          piece += codes[3 * (row * width + x)..<3 * (row * width + x + w)]
        }
        JPEGFile.saveAndOpen(
          &piece, width: w, height: h, quality: quality, subsampling: subsampling)
        for row in 0..<h {
          let place = 3 * ((y + row) * width + x)
          codes.replaceSubrange(
            place..<place + 3 * w, with: piece[3 * row * w..<3 * (row + 1) * w])
        }
      }
    }
  }

  /// The codes without the margin.
  var inner: [UInt8] {
    if left + top == 0 { return codes }
    let row = 3 * (width - left)
    var inner: [UInt8] = []
    inner.reserveCapacity(row * (height - top))
    for y in top..<height {
      let start = 3 * (y * width + left)
      inner += codes[start..<start + row]
    }
    return inner
  }
}
