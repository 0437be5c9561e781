import Basics
import Glibc
import Images
import Records

/// One shard of an imported set: the work of one worker.
struct ImportJob {
  private let parts: [ImportedPart]
  private let classes: [String]
  private let folder: String
  private let file: String
  private let textSize: Int
  private let numbers: Range<Int>

  init(
    _ shard: Int, _ importer: PairImporter, _ parts: [ImportedPart], _ classes: [String],
    _ folder: String, _ textSize: Int
  ) {
    (self.parts, self.classes, self.folder, self.textSize) = (parts, classes, folder, textSize)
    file = ShardEntry.fileName(shard)
    numbers = importer.numbers(shard)
  }

  /// Makes the shard, or keeps it when an earlier run finished it; nil when `progress` said to stop.
  func run(progress: (Int) -> Bool) throws(Problem) -> ShardEntry? {
    let path = folder + "/" + file
    if let entry = finished(path) {
      try ShardIndex.exportDALI(besideShard: path)
      return progress(numbers.count) ? entry : nil
    }
    var writer = try ShardWriter(path: path)
    var open: (id: String, gt: StoredPicture, lq: StoredPicture)?
    for index in numbers {
      let part = parts[index]
      if open?.id != part.source.pair.lqID { open = try pictures(part.source) }
      guard let open,
        let record = part.record(
          index, gt: open.gt, lq: open.lq, classNumber: number(of: part), textSize: textSize)
      else {
        throw Problem(part.source.pair.lqPath, "needs a label of more than \(textSize) bytes")
      }
      try writer.append(record)
      guard progress(1) else { return nil }
    }
    let result = try writer.finish()
    try ShardIndex.exportDALI(besideShard: path)
    return ShardEntry(file: file, first: numbers.lowerBound, classes: counts, result: result)
  }

  /// Both pictures, which must be the files that were measured.
  private func pictures(_ source: ImportedPart.Measured) throws(Problem) -> (
    String, StoredPicture, StoredPicture
  ) {
    var pictures: [StoredPicture] = []
    for (path, sha) in [(source.pair.gtPath, source.gtSHA), (source.pair.lqPath, source.lqSHA)] {
      let file = try readFile(path)
      guard Digest.sha256(file) == sha else {
        throw Problem(path, "changed while it was imported", fix: "run the same command again")
      }
      pictures.append(StoredPicture(try PictureFile.decode(file, place: path)))
    }
    return (source.pair.lqID, pictures[0], pictures[1])
  }

  /// The shard's entry, when the file is there, nothing in it is damaged, and its records are these.
  private func finished(_ path: String) -> ShardEntry? {
    guard access(path, F_OK) == 0,
      let shard = try? ShardEntry(
        inspecting: path, first: numbers.lowerBound, records: numbers.count, classes: counts)
    else { return nil }
    let manifest = Manifest(
      name: "", split: "", tool: .null, recipe: .null, seed: 0, classes: classes,
      recordTextSize: textSize, sources: [], setAside: [], shards: [shard])
    let check = ShardCheck(shard, of: manifest, in: folder)
    let isTheirs = check.labels.elementsEqual(numbers) { label, index in
      let (source, crop) = parts[index].origin
      return label.index == index && label.json["source"] == source && label.json["crop"] == crop
    }
    return check.findings.isEmpty && isTheirs ? shard : nil
  }

  private func number(of part: ImportedPart) -> Int {
    classes.firstIndex(of: part.source.pair.className) ?? 0
  }

  /// Counts of the classes that occur, in the order of their numbers.
  private var counts: [JSON.Member] {
    ShardEntry.counts(of: numbers.map { number(of: parts[$0]) }, classes: classes)
  }
}
