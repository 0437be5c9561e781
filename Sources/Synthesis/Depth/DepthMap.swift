import Basics
import Degradations
import Images

/// A given map, decoded: the depth of every pixel of a picture, and what the label says of it.
struct DepthMap: Cacheable {
  /// One channel of the picture's size, 0 near to 1 far.
  let depth: Image
  /// The label's `depth`.
  let label: JSON

  /// The memory that it takes.
  var size: Int { 4 * depth.pixels.count }

  /// How much the shapes of map and picture may differ: sides rounded to 32 pixels, no quarter turn.
  private static let shapeSlack = 1.06

  /// Decodes a map for a picture.
  ///
  /// A map of another size is resized: by area where both sides shrink, else bilinearly.
  ///
  /// - Throws: `Problem` at `place` when it cannot be read, contradicts its declared encoding, or
  ///   has another shape than the picture.
  init(
    _ file: [UInt8], id: String, encoding: DepthEncoding, width: Int, height: Int, place: String
  ) throws(Problem) {
    let stored = try DepthFile.decode(file, place: place)
    let decoded = try encoding.decode(stored, place: place)
    let map = decoded.depth
    let stretch = Double(map.width * height) / Double(map.height * width)
    guard max(stretch, 1 / stretch) <= DepthMap.shapeSlack else {
      throw Problem(
        place,
        "is \(map.width)x\(map.height), of another shape than the picture, \(width)x\(height)",
        fix: "turn or cut it as the picture is")
    }
    let shrinks = map.width >= width && map.height >= height
    depth =
      map.width == width && map.height == height
      ? map : map.resized(width: width, height: height, by: shrinks ? .area : .bilinear)
    var label: JSON = [
      "kind": "given", "id": .string(id), "sha256": .string(Digest.sha256(file)),
      "width": .integer(map.width), "height": .integer(map.height),
      "encoding": encoding.json(bits: stored.bits),
    ]
    if let range = decoded.range {
      label["near"] = .number(range.near)
      label["far"] = .number(range.far)
    }
    label["filled"] = .number(decoded.filled.rounded(places: 6))
    label["smoothed"] = .bool(decoded.isSmoothed)
    self.label = label
  }

  /// The scene of the whole picture.
  var scene: Scene { scene(depth) }

  /// The scene of a patch, cut, made smaller, mirrored and turned as the picture is.
  func scene(of place: PatchPlace, size: Int) -> Scene {
    var part = depth.cropped(x: place.x, y: place.y, width: place.width, height: place.height)
    if place.width > size { part = part.downscaled(by: place.scale) }
    return scene(PatchSampler.arranged(part, place, size: size))
  }

  private func scene(_ part: Image) -> Scene {
    Scene(width: part.width, height: part.height, depth: part.pixels, depthLabel: label)
  }
}
