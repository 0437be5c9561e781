import Basics
import Degradations
import Images
import Records

/// A pair of pictures that was measured, and one rectangle of it that becomes a record.
struct ImportedPart: Sendable {
  /// A pair of one size, with what its files are.
  struct Measured: Sendable {
    let pair: PairSearch.Pair
    let gtSHA: String
    let lqSHA: String
    /// Of the pair's note; nil when it has none.
    let noteSHA: String?
    let width: Int
    let height: Int
    let depthBits: Int
    let isJPEG: Bool
    let channels: SourceChannels
  }

  let source: Measured
  let x: Int
  let y: Int
  let width: Int
  let height: Int

  /// Cuts a pair into tiles of side `tile` that overlap by at least `overlap` pixels.
  ///
  /// The last of a row and of a column end with the picture. A side that is not longer than a tile
  /// stays whole.
  static func parts(of source: Measured, tile: Int?, overlap: Int) -> [ImportedPart] {
    func starts(_ length: Int) -> [Int] {
      guard let tile, length > tile else { return [0] }
      let count = (length - overlap + tile - overlap - 1) / (tile - overlap)
      return (0..<count).map { min($0 * (tile - overlap), length - tile) }
    }
    let (w, h) = (
      min(tile ?? source.width, source.width), min(tile ?? source.height, source.height)
    )
    return starts(source.height).flatMap { y in
      starts(source.width).map { ImportedPart(source: source, x: $0, y: y, width: w, height: h) }
    }
  }

  /// A label's `source` and `crop`.
  var origin: (source: JSON, crop: JSON) {
    let pair = source.pair
    var json: JSON = [
      "id": .string(pair.gt.id), "sha256": .string(source.gtSHA), "kind": "paired",
      "width": .integer(source.width), "height": .integer(source.height),
      "depth_bits": .integer(source.depthBits), "jpeg": .bool(source.isJPEG),
    ]
    for member in source.channels.members { json[member.key] = member.value }
    json["lq"] = ["id": .string(pair.lq.id), "sha256": .string(source.lqSHA)]
    if let note = pair.note, let sha = source.noteSHA {
      json["note"] = ["id": .string(note.id), "sha256": .string(sha)]
    }
    return (
      json,
      [
        "x": .integer(x), "y": .integer(y), "width": .integer(width), "height": .integer(height),
        "scale": 1, "flip": false, "turn": 0,
      ]
    )
  }

  /// The record; its chain is empty, for nobody knows the parameters.
  ///
  /// - Returns: nil when the label needs more than `textSize` bytes.
  func record(
    _ index: Int, gt: StoredPicture, lq: StoredPicture, classNumber: Int, textSize: Int
  ) -> Record? {
    let gt = gt.region(x: x, y: y, width: width, height: height, in: .srgb).bytes
    let lq = lq.region(x: x, y: y, width: width, height: height, in: .srgb).bytes
    let (source, crop) = origin
    let form = Measurement.form(width: width, height: height)
    let name = self.source.pair.className
    let label: JSON = [
      "format": "dcpt-record/1", "key": .string(Record.key(index)), "index": .integer(index),
      "class": .string(name), "label": .integer(classNumber),
      "multi": .array(
        ClassSet.multiHot(ClassSet.degradations(of: name)).map { .integer($0) }),
      "source": source, "crop": crop, "chain": [], "depth": .null, "random": .null,
      "lq": form, "gt": form,
      "measured": Measurement.json(gt: gt, lq: lq, width: width, height: height, coverage: nil),
    ]
    return Record(
      index: index, label: label, lq: lq, gt: gt, shape: [height, width, 3], textSize: textSize)
  }
}
