import Basics
import Degradations
import Images

/// A clean patch with everything a record says about where it comes from.
struct CleanPatch {
  /// The patch on whole 8-bit codes, as it becomes gt.
  let image: Image
  let bytes: [UInt8]
  let scene: Scene
  /// The label's `source`.
  let source: JSON
  /// The label's `crop`.
  let crop: JSON
}

extension CleanPatch {
  /// The same patch with a sharpened picture; its label says so.
  func sharpened(by mask: UnsharpMask) -> CleanPatch {
    let sharp = mask.sharpened(image)
    var crop = crop
    crop["usm"] = mask.json
    return CleanPatch(image: sharp, bytes: sharp.bytes, scene: scene, source: source, crop: crop)
  }
}

/// The place and turn of a patch in its source.
struct PatchPlace {
  var x = 0
  var y = 0
  var width = 0
  var height = 0
  var scale = 1.0
  var flip = false
  var turn = 0

  var json: JSON {
    [
      "x": .integer(x), "y": .integer(y), "width": .integer(width), "height": .integer(height),
      "scale": .number(scale), "flip": .bool(flip), "turn": .integer(turn),
    ]
  }
}
