import Basics
import Images
import Records

/// The pictures of a folder or of an LMDB database, by their names without extension.
struct NamedPictures {
  /// The names, sorted.
  let stems: [String]
  /// What cannot be used whatever its partner, and why.
  private(set) var setAside: [Manifest.SetAside] = []
  private var pictures: [String: FoundPicture] = [:]

  /// Lists the pictures at a path.
  ///
  /// - Parameter prefix: What stands before their names in records, such as "lq/".
  /// - Throws: `Problem` when it is neither folder nor database, or the database is damaged.
  init(_ path: String, prefix: String) throws(Problem) {
    if LMDBFolder.isOne(path) {
      let database = try LMDBFolder(reading: path)
      setAside = database.setAside.map { .init(file: prefix + $0.file, reason: $0.reason) }
      for entry in database.entries {
        pictures[entry.key] = FoundPicture(
          id: prefix + entry.key, path: database.path, name: "key '\(entry.key)'", part: entry.value
        )
      }
    } else {
      let files = try PictureFolder(path)
      setAside = files.doubles.map { .init(file: prefix + $0.file, reason: $0.reason) }
      for stem in files.stems {
        guard let file = files[stem] else { continue }
        pictures[stem] = FoundPicture(id: prefix + file, path: path + "/" + file)
      }
    }
    stems = pictures.keys.sorted()
  }

  subscript(stem: String) -> FoundPicture? { pictures[stem] }
}

extension PairSearch {
  /// Finds the pictures of two folders or databases that have the same names, whatever their
  /// extensions.
  ///
  /// - Throws: `Problem` when one of them cannot be read, or no name is in both.
  init(lq: String, gt: String, class className: String) throws(Problem) {
    let (lqs, gts) = (try NamedPictures(lq, prefix: "lq/"), try NamedPictures(gt, prefix: "gt/"))
    var (pairs, setAside): ([Pair], [Manifest.SetAside]) = ([], lqs.setAside + gts.setAside)
    for stem in lqs.stems {
      guard let picture = lqs[stem] else { continue }
      guard let twin = gts[stem] else {
        setAside.append(.init(file: picture.id, reason: "has no gt of the same name"))
        continue
      }
      pairs.append(Pair(gt: twin, lq: picture, className: className))
    }
    for stem in gts.stems where lqs[stem] == nil {
      setAside.append(.init(file: gts[stem]?.id ?? stem, reason: "is the gt of no picture"))
    }
    guard !pairs.isEmpty else {
      throw Problem(
        lq, "has no picture with a twin of the same name in \(gt)",
        fix: "lq and gt of a pair must have the same name; a layout knows other rules")
    }
    self.init(pairs: pairs, setAside: setAside)
  }
}
