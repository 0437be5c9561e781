import Basics

/// Writes a shard in either form from records in the raw form.
///
/// Of a shard of PNG files the raw form is digested beside it: 0.4 ms a pair of 256x256 pictures.
package struct FormShardWriter: ~Copyable {
  private let file: String
  private let png: PNGSettings?
  private var writer: ShardWriter
  private var raw = ShardBytes()

  /// Starts the shard that will stand at `path`.
  ///
  /// - Parameter png: How its PNG files are written; nil for the raw form.
  package init(path: String, png: PNGSettings?) throws(Problem) {
    file = path.split(separator: "/").last.map(String.init) ?? path
    self.png = png
    writer = try ShardWriter(path: path)
  }

  /// Appends a record, which is in the raw form.
  package mutating func append(_ record: Record) throws(Problem) {
    guard let png else { return try writer.append(record) }
    _ = raw.next(record)
    try writer.append(try record.inPNGForm(png))
  }

  /// Ends the shard and gives it its name unless `check` throws.
  ///
  /// - Parameter check: Looks at the line of the manifest before the file has its name.
  package consuming func finish(
    first: Int, classes: [JSON.Member], checking check: (ShardEntry) throws(Problem) -> Void
  ) throws(Problem) -> ShardEntry {
    let file = file
    let digested = png == nil ? nil : raw.end().result
    func entry(_ result: ShardWriter.Result) -> ShardEntry {
      var entry = ShardEntry(file: file, first: first, classes: classes, result: result)
      entry.raw = digested.map { ShardEntry.Raw(bytes: $0.bytes, sha256: $0.sha256) }
      return entry
    }
    return entry(
      try writer.finish { result throws(Problem) in try check(entry(result)) })
  }
}
