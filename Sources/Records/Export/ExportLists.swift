import Basics

/// The lists of exported records, written line by line under hidden names.
final class ExportLists {
  /// Bytes that are kept before they are written.
  private static let piece = 1 << 16

  private let labels: TemporaryFile
  private let metaInfo: TemporaryFile
  private var lines: (labels: [UInt8], metaInfo: [UInt8]) = ([], [])

  /// Starts the lists that will stand in a folder.
  init(in folder: String) throws(Problem) {
    labels = try TemporaryFile(for: folder + "/labels.jsonl")
    metaInfo = try TemporaryFile(for: folder + "/meta_info.txt")
  }

  /// Adds a record: its label as one line of JSON, and its name with the sides of gt.
  func append(_ index: Int, _ label: RecordLabel) throws(Problem) {
    lines.labels += Array(label.json.compact.utf8) + [UInt8(ascii: "\n")]
    let sides = ["height", "width", "channels"].map { label.json["gt"]?[$0]?.integer ?? 0 }
    let shape = sides.map(String.init).joined(separator: ",")
    lines.metaInfo += Array("\(Record.key(index)).png (\(shape))\n".utf8)
    if lines.labels.count > ExportLists.piece { try flush() }
  }

  /// Gives the lists their names.
  func publish() throws(Problem) {
    try flush()
    try labels.publish()
    try metaInfo.publish()
  }

  private func flush() throws(Problem) {
    try labels.file.write(lines.labels)
    try metaInfo.file.write(lines.metaInfo)
    lines = ([], [])
  }
}
