import Images
import Synchronization

/// A decoded photograph: 8-bit files stay bytes, a third of the memory of floats.
struct StoredPicture: Sendable {
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

/// Decoded photographs up to a limit of memory; the ones used longest ago go first.
final class PictureCache: Sendable {
  private struct State {
    var pictures: [String: (picture: StoredPicture, lastUse: Int)] = [:]
    var size = 0
    var clock = 0
  }

  private static let limit = 1 << 30
  private let state = Mutex(State())

  subscript(path: String) -> StoredPicture? {
    get {
      state.withLock { state in
        state.clock += 1
        state.pictures[path]?.lastUse = state.clock
        return state.pictures[path]?.picture
      }
    }
    set {
      guard let newValue, newValue.size < PictureCache.limit / 4 else { return }
      state.withLock { state in
        guard state.pictures[path] == nil else { return }
        state.clock += 1
        state.pictures[path] = (newValue, state.clock)
        state.size += newValue.size
        while state.size > PictureCache.limit,
          let oldest = state.pictures.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
          state.pictures[oldest.key] = nil
          state.size -= oldest.value.picture.size
        }
      }
    }
  }
}
