import Basics
import Images
import Records

/// A picture's file before it is read: a file of its own, or a part of one that holds many, such as a
/// member of a tar or a value of a database.
struct FoundPicture: Equatable, Sendable {
  /// The name that records call it by.
  let id: String
  /// Where a person finds it.
  let place: String

  private let path: String
  private let part: Range<Int>?

  /// A file of its own.
  init(id: String, path: String) {
    (self.id, self.path, place, part) = (id, path, path, nil)
  }

  /// A part of a file; `name` is what it is called in there.
  init(id: String, path: String, name: String, part: Range<Int>) {
    (self.id, self.path, self.part) = (id, path, part)
    place = "\(path): \(name)"
  }

  /// Reads the bytes of the picture's file.
  ///
  /// - Throws: `Problem` with the system's reason.
  func bytes() throws(Problem) -> [UInt8] {
    if let part { try readFile(path, part) } else { try readFile(path) }
  }
}

extension Picture {
  /// Decodes the file of an imported picture: a picture file, or a NumPy array of bytes.
  ///
  /// - Throws: `Problem` at `place` when it is neither, or is damaged.
  init(importing file: [UInt8], place: String) throws(Problem) {
    guard file.starts(with: NPYHeader.magic) else {
      self = try PictureFile.decode(file, place: place)
      return
    }
    let array = try file.withBytes { bytes throws(Problem) in
      try NPYArray(parsing: bytes, place: place)
    }
    let shape = array.header.shape
    guard array.header.type == "|u1",
      shape.count == 2 || shape.count == 3 && [1, 3].contains(shape[2]),
      shape[0] > 0, shape[1] > 0
    else {
      throw Problem(
        place, "npy: is \(array.header.type) \(shape), not uint8 of height, width and 3 channels",
        fix: "convert it to bytes, or leave it out")
    }
    let image = Image(
      width: shape[1], height: shape[0], channels: shape.count == 3 ? shape[2] : 1,
      bytes: array.bytes)
    self.init(image: image, depthBits: 8, isJPEG: false, hadAlpha: false, format: "npy")
  }
}
