import ArgumentParser
import Basics
import Images
import Records
import Synthesis

/// The record that `synth --replay` names.
struct ReplayedRecord {
  private let replay: Replay

  /// Finds the label: a JSON file, or a record of a set as MANIFEST.json:NUMBER.
  init(_ text: String) throws(Problem) {
    if let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]) {
      let reader = try RecordReader(manifest: String(text[..<colon]))
      guard (0..<reader.count).contains(number) else {
        throw Problem(text, "there is no record \(number)", fix: "the set has \(reader.count)")
      }
      // The checksums of the raw form are those of the pixels.
      let label = try reader.record(number).inRawForm().label(place: text)
      replay = try Replay(label.json, place: text)
    } else {
      let label = try JSON(parsing: try readFile(text), place: text)
      guard label["crc32c"]?["gt.png"] == nil else {
        throw Problem(
          text, "has checksums of PNG files, which say nothing about pixels",
          fix: "give the record itself: MANIFEST.json:NUMBER")
      }
      replay = try Replay(label, place: text)
    }
  }

  /// Makes the pictures and writes them into a folder.
  ///
  /// - Throws: `ExitCode` 1 when the bytes are not those of the record.
  func write(to folder: String, folders: [String], depthFolders: [String]) throws {
    let made = try replay.render(folders: folders, depthFolders: depthFolders)
    try createFolder(folder)
    for (name, image) in [("lq", made.lq), ("gt", made.gt)] {
      try PNGFile.write(image, to: "\(folder)/\(replay.key).\(name).png")
    }
    let verdict = made.isSame ? "the same bytes" : "NOT the bytes of the record"
    print("\(folder)/\(replay.key).lq.png and .gt.png: \(verdict)")
    if !made.isSame { throw ExitCode(1) }
  }
}
