import Images

/// A decoded photograph: 8-bit files stay bytes, a third of the memory of floats.
struct StoredPicture: Cacheable {
  let width: Int
  let height: Int
  private let bytes: [UInt8]
  private let floats: [Float]

  init(_ picture: Picture) {
    let image = picture.image.replicatedToRGB()
    (width, height) = (image.width, image.height)
    bytes = picture.depthBits == 8 ? image.bytes : []
    floats = picture.depthBits == 8 ? [] : image.pixels
  }

  /// The memory that it takes.
  var size: Int { bytes.count + 4 * floats.count }

  /// Returns a rectangle of the picture.
  func region(x: Int, y: Int, width w: Int, height h: Int) -> Image {
    var image = Image(width: w, height: h)
    for row in 0..<h {
      let from = ((y + row) * width + x) * 3
      let to = row * w * 3
      for i in 0..<w * 3 {
        image.pixels[to + i] = bytes.isEmpty ? floats[from + i] : Float(bytes[from + i]) / 255
      }
    }
    return image
  }
}
