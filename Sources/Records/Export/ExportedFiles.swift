import Basics
import Images

/// The files that a record becomes.
///
/// They are named by the record's number and not by its label, which may say anything.
struct ExportedFiles {
  private let index: Int
  private let label: RecordLabel
  private let folder: String
  private let hasPlanes: Bool

  init(_ index: Int, _ label: RecordLabel, in folder: String, _ settings: SetExport.Settings) {
    (self.index, self.label, hasPlanes) = (index, label, settings.hasPlanes)
    self.folder = ExportedFiles.group(of: label, in: folder, settings)
  }

  /// The folder that holds `lq`, `gt` and the lists of a record.
  static func group(of label: RecordLabel, in folder: String, _ settings: SetExport.Settings)
    -> String
  {
    settings.isByClass ? folder + "/" + label.className : folder
  }

  /// Whether a text can be the name of a file: it leads nowhere else and is not hidden.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix(".") && text.utf8.allSatisfy { $0 > 31 && $0 != 47 }
  }

  /// Writes the files that are not there with the record's pixels; returns whether all were.
  ///
  /// - Throws: `Problem` when the record is damaged, or a file cannot be written.
  func write(_ reader: RecordReader) throws(Problem) -> Bool {
    var isKept = true
    for (side, image) in try pictures(reader) {
      let path = try path(side, Record.key(index) + ".png")
      if ExportedFiles.holds(path, image) { continue }
      try PNGFile.write(image, to: path)
      isKept = false
    }
    for name in hasPlanes ? label.planes : [] {
      guard ExportedFiles.isName(name) else {
        throw Problem(
          "record \(Record.key(index))", "has a plane '\(name)', which is no file's name")
      }
      let array = try reader.plane(index, name)
      let file = NPYHeader.bytes(shape: array.header.shape, type: array.header.type) + array.bytes
      let path = try path("planes/" + name, Record.key(index) + ".npy")
      if let there = try? readFile(path), there == file { continue }
      try AtomicFile.write(file, to: path)
      isKept = false
    }
    return isKept
  }

  /// Both pictures, copied out of the shard.
  private func pictures(_ reader: RecordReader) throws(Problem) -> [(side: String, image: Image)] {
    let result: Result<[(side: String, image: Image)], any Error> = Result {
      try reader.withPair(index) { lq, gt, shape in
        guard shape.channels == 3, shape.width > 0, shape.height > 0 else {
          throw Problem(
            "record \(Record.key(index))",
            "has \(shape.width)x\(shape.height) pixels of \(shape.channels) channels, which is no picture",
            fix: "leave it out with --records")
        }
        return [("lq", lq), ("gt", gt)].map {
          ($0.0, Image(width: shape.width, height: shape.height, bytes: Array($0.1)))
        }
      }
    }
    switch result {
    case .success(let pictures): return pictures
    case .failure(let error):
      throw error as? Problem ?? Problem("record \(Record.key(index))", "\(error)")
    }
  }

  /// Whether a file is there and has these pixels.
  private static func holds(_ path: String, _ image: Image) -> Bool {
    guard let file = try? readFile(path), let there = try? PictureFile.decode(file, place: path)
    else { return false }
    return there.image.width == image.width && there.image.channels == image.channels
      && there.image.bytes == image.bytes
  }

  private func path(_ subfolder: String, _ name: String) throws(Problem) -> String {
    let folder = folder + "/" + subfolder
    try createFolder(folder)
    return folder + "/" + name
  }
}
