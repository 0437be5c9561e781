import Basics
import Images

/// A decoded photograph: 8-bit files stay bytes, a third of the memory of floats.
struct StoredPicture: Cacheable {
  let width: Int
  let height: Int
  /// Of the file.
  let depthBits: Int
  let isJPEG: Bool
  private let bytes: [UInt8]
  private let floats: [Float]

  init(_ picture: Picture) {
    let image = picture.image.replicatedToRGB()
    (width, height) = (image.width, image.height)
    (depthBits, isJPEG) = (picture.depthBits, picture.isJPEG)
    bytes = picture.depthBits == 8 ? image.bytes : []
    floats = picture.depthBits == 8 ? [] : image.pixels
  }

  /// The memory that it takes.
  var size: Int { bytes.count + 4 * floats.count }

  /// Returns a rectangle of the picture, on codes or in linear light.
  func region(x: Int, y: Int, width w: Int, height h: Int, in space: Image.Space) -> Image {
    func rows<Value>(_ values: [Value]) -> [Value] {
      var part: [Value] = []
      part.reserveCapacity(3 * w * h)
      for row in y..<y + h {
        let start = (row * width + x) * 3
        part += values[start..<start + 3 * w]
      }
      return part
    }
    if floats.isEmpty { return Image(width: w, height: h, bytes: rows(bytes), in: space) }
    let image = Image(width: w, height: h, pixels: rows(floats))
    return space == .linear ? image.toLinear() : image
  }
}
