import Basics
import Glibc
import Records

/// Finds the pairs of a data set, and all that is no pair.
struct PairSearch {
  /// Two pictures that show the same, before they are read.
  struct Pair: Equatable {
    let gt: FoundPicture
    let lq: FoundPicture
    let className: String
    /// What its authors say of the pair: a JSON file beside the pictures.
    var note: FoundPicture?
  }

  private(set) var pairs: [Pair] = []
  /// The lq of all pairs: the first rule that knows a picture decides.
  private var paired: Set<String> = []
  private(set) var setAside: [Manifest.SetAside] = []

  /// Pairs that were found otherwise than by a layout, and what is set aside of them.
  init(pairs: [Pair], setAside: [Manifest.SetAside]) {
    (self.pairs, self.setAside) = (pairs, setAside)
  }

  /// Finds the pairs of a layout's split.
  ///
  /// - Throws: `Problem` when the folder cannot be read, a list is broken, or no pair is there.
  init(_ layout: PairLayout, split: Split, in folder: String) throws(Problem) {
    let files = try PictureFolder(folder)
    setAside = files.doubles
    var seen: Set<String> = []
    for rule in layout.rules where rule.split == split {
      switch rule.match {
      case .path: pairByPath(rule, files, folder, &seen)
      case .position: pairByPosition(rule, files, folder, &seen)
      case .list: try pairByList(rule, folder, &seen)
      }
    }
    guard !pairs.isEmpty else {
      let forms = layout.rules.filter { $0.split == split }.map { $0.list?.file ?? $0.lq }
      throw Problem(
        folder, "has no pair of the split '\(split.rawValue)' of \(layout.name)",
        fix: forms.isEmpty
          ? "the layout has no such split" : "looked for \(forms.joined(separator: ", "))")
    }
    countOthers(layout, files, seen)
    pairs.sort { $0.lq.id < $1.lq.id }
    dropSettled()
  }

  /// What one rule could not pair another may have: alternative forms name the same files.
  private mutating func dropSettled() {
    let paired = Set(pairs.flatMap { [$0.lq.id, $0.gt.id] })
    var listed: Set<String> = []
    setAside.removeAll { paired.contains($0.file) || !listed.insert($0.file).inserted }
  }

  // MARK: Rules

  private mutating func pairByPath(
    _ rule: PairLayout.Rule, _ files: PictureFolder, _ folder: String, _ seen: inout Set<String>
  ) {
    let pattern = PathPattern(rule.lq)
    var (used, taken): (Set<String>, Set<String>) = ([], [])
    for stem in files.stems {
      guard let captures = pattern.captures(in: stem), let file = files[stem],
        !rule.except.contains(where: captures.contains)
      else { continue }
      taken.insert(stem)
      let wanted = PathPattern.filled(rule.gt, with: captures)
      guard let twin = files[wanted], twin != file else {
        setAside.append(.init(file: file, reason: "has no gt '\(wanted)'"))
        continue
      }
      used.insert(wanted)
      add(lq: file, gt: twin, folder, PathPattern.filled(rule.className, with: captures))
    }
    // Where the form is not that of the disk at all, its gts may belong to another form.
    guard !taken.isEmpty else { return }
    seen.formUnion(taken)
    let clean = PathPattern.any(rule.gt)
    for stem in files.stems where clean.captures(in: stem) != nil && !taken.contains(stem) {
      seen.insert(stem)
      if !used.contains(stem), let file = files[stem] {
        setAside.append(.init(file: file, reason: "is the gt of no picture"))
      }
    }
  }

  private mutating func pairByPosition(
    _ rule: PairLayout.Rule, _ files: PictureFolder, _ folder: String, _ seen: inout Set<String>
  ) {
    func groups(_ pattern: PathPattern) -> [[String]: [String]] {
      var groups: [[String]: [String]] = [:]
      for stem in files.stems {
        guard let captures = pattern.captures(in: stem) else { continue }
        groups[captures.dropLast(), default: []].append(stem)
        seen.insert(stem)
      }
      return groups
    }
    let (lqs, gts) = (groups(PathPattern(rule.lq)), groups(PathPattern(rule.gt)))
    for key in Set(lqs.keys).union(gts.keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let (lq, gt) = (lqs[key] ?? [], gts[key] ?? [])
      guard lq.count == gt.count else {
        for stem in lq + gt {
          setAside.append(
            .init(
              file: files[stem] ?? stem,
              reason: "is paired by order, and there are \(lq.count) lq for \(gt.count) gt"))
        }
        continue
      }
      for (lq, gt) in zip(lq, gt) {
        guard let lq = files[lq], let gt = files[gt] else { continue }
        add(lq: lq, gt: gt, folder, rule.className)
      }
    }
  }

  private mutating func pairByList(
    _ rule: PairLayout.Rule, _ folder: String, _ seen: inout Set<String>
  ) throws(Problem) {
    guard let list = rule.list else { return }
    let path = folder + "/" + list.file
    guard let content = try? readFile(path) else { return }
    let lines = String(decoding: content, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard words.count >= max(list.lq, list.gt) else {
        throw Problem(
          "\(path):\(number + 1)", "has \(words.count) columns, \(max(list.lq, list.gt)) are due")
      }
      let (lq, gt) = (words[list.lq - 1], words[list.gt - 1])
      guard !lq.split(separator: "/").contains(".."), !gt.split(separator: "/").contains("..")
      else {
        throw Problem("\(path):\(number + 1)", "names a picture outside the set's folder")
      }
      seen.formUnion([lq, gt].map(PictureFolder.stem))
      let lost = [lq, gt].filter { !exists(folder + "/" + $0) }
      for file in lost {
        setAside.append(.init(file: file, reason: "is named in \(list.file) and not there"))
      }
      if lost.isEmpty {
        add(lq: lq, gt: gt, folder, rule.className)
      } else if lost.count == 1 {
        let partner = lost[0] == gt ? lq : gt
        setAside.append(.init(file: partner, reason: "has no partner '\(lost[0])'"))
      }
    }
  }

  private mutating func add(lq: String, gt: String, _ folder: String, _ className: String) {
    guard paired.insert(lq).inserted else { return }
    pairs.append(
      Pair(
        gt: FoundPicture(id: gt, path: folder + "/" + gt),
        lq: FoundPicture(id: lq, path: folder + "/" + lq), className: className))
  }

  /// Says how many pictures of each folder no rule of any split names.
  private mutating func countOthers(
    _ layout: PairLayout, _ files: PictureFolder, _ seen: Set<String>
  ) {
    let patterns = layout.rules.flatMap { [PathPattern($0.lq), PathPattern.any($0.gt)] }
    var counts: [String: Int] = [:]
    for stem in files.stems where !seen.contains(stem) && !paired.contains(files[stem] ?? stem) {
      guard !patterns.contains(where: { $0.captures(in: stem) != nil }) else { continue }
      let folder = stem.split(separator: "/").dropLast().joined(separator: "/")
      counts[folder.isEmpty ? "." : folder, default: 0] += 1
    }
    setAside += counts.sorted { $0.key < $1.key }.map {
      .init(file: $0.key + "/", reason: "holds \($0.value) pictures that no rule names")
    }
  }
}

private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
