import Basics
import Images
import Records

/// A set of real pairs: what decides its bytes, and how its records are made.
struct ImportedSet: PlannedSet {
  let name: String
  let split: Split
  let classes: [String]
  /// The parts of pictures that become records, in the order of their numbers.
  let parts: [ImportedPart]
  /// Files that became no record, and why.
  let setAside: [Manifest.SetAside]
  let identity: String

  private let recordsPerShard: Int
  private let recipe: JSON
  private let sources: [Manifest.Source]

  init(
    _ layout: PairLayout, split: Split, classes: [String], pictures: [ImportedPart.Measured],
    setAside: [Manifest.SetAside], settings: PairImporter.Settings
  ) {
    (name, self.split, self.classes, self.setAside) = (layout.name, split, classes, setAside)
    recordsPerShard = settings.recordsPerShard
    parts = pictures.flatMap {
      ImportedPart.parts(of: $0, tile: settings.tile, overlap: settings.overlap)
    }
    recipe = [
      "import": layout.resolved, "tile": settings.tile.map { .integer($0) } ?? .null,
      "overlap": .integer(settings.overlap),
      "records_per_shard": .integer(settings.recordsPerShard),
      "pairs": .string(ImportedSet.digest(of: pictures, classes)),
    ]
    sources = ImportedSet.sources(of: pictures)
    identity = SetPlan.identity(
      recipe: recipe, split: split.rawValue, tool: Provenance.tool, sources: sources)
  }

  /// The digest of who is whose partner and of what class, which a list of files does not say.
  private static func digest(of pictures: [ImportedPart.Measured], _ classes: [String]) -> String {
    let digest = Digest()
    func add(_ words: [String]) {
      Array(JSON.array(words.map { .string($0) }).compact.utf8).withUnsafeBytes {
        digest.update($0)
      }
    }
    add(classes)
    for one in pictures {
      add(
        [one.pair.gt.id, one.gtSHA, one.pair.lq.id, one.lqSHA, one.pair.className]
          + [one.pair.note?.id, one.noteSHA].compactMap { $0 })
    }
    return digest.finish()
  }

  private static func sources(of pictures: [ImportedPart.Measured]) -> [Manifest.Source] {
    var seen: Set<String> = []
    var sources: [Manifest.Source] = []
    for one in pictures {
      let files = [(one.pair.gt.id, one.gtSHA, one.channels), (one.pair.lq.id, one.lqSHA, .plain)]
      for (id, sha, channels) in files where seen.insert(id).inserted {
        sources.append(
          Manifest.Source(
            id: id, file: id, sha256: sha, width: one.width, height: one.height, channels: channels)
        )
      }
    }
    return sources
  }

  // MARK: PlannedSet

  var shards: Int { (parts.count + recordsPerShard - 1) / recordsPerShard }

  func numbers(of shard: Int) -> Range<Int> {
    let first = shard * recordsPerShard
    return first..<min(first + recordsPerShard, parts.count)
  }

  func classes(of numbers: Range<Int>) -> [JSON.Member] {
    ShardEntry.counts(of: numbers.map { classNumber(of: parts[$0]) }, classes: classes)
  }

  func maker(textSize: Int) -> PairMaker { PairMaker(self, textSize: textSize) }

  func manifest(_ shards: [ShardEntry], textSize: Int) -> Manifest {
    Manifest(
      name: name, split: split.rawValue, tool: Provenance.tool, recipe: recipe, seed: 0,
      classes: classes, recordTextSize: textSize, sources: sources, setAside: setAside,
      shards: shards)
  }

  func classNumber(of part: ImportedPart) -> Int {
    classes.firstIndex(of: part.source.pair.className) ?? 0
  }
}

/// Makes the records of real pairs; the pictures of the last one stay open for its next tile.
struct PairMaker: RecordMaking {
  private let set: ImportedSet
  private let textSize: Int
  private var open: (id: String, gt: StoredPicture, lq: StoredPicture)?

  init(_ set: ImportedSet, textSize: Int) { (self.set, self.textSize) = (set, textSize) }

  mutating func record(_ index: Int) throws(Problem) -> Record? {
    let part = set.parts[index]
    let (pair, gtSHA, lqSHA) = (part.source.pair, part.source.gtSHA, part.source.lqSHA)
    if open?.id != pair.lq.id {
      open = nil
      open = (pair.lq.id, try picture(pair.gt, gtSHA), try picture(pair.lq, lqSHA))
    }
    guard let open else { return nil }
    return part.record(
      index, gt: open.gt, lq: open.lq, classNumber: set.classNumber(of: part), textSize: textSize)
  }

  /// A picture, which must be the one that was measured.
  private func picture(_ found: FoundPicture, _ sha256: String) throws(Problem) -> StoredPicture {
    let file = try found.bytes()
    guard Digest.sha256(file) == sha256 else {
      throw Problem(found.place, "changed while it was imported", fix: "run the same command again")
    }
    return StoredPicture(try Picture(importing: file, place: found.place))
  }
}
