import Basics
import Glibc
import Images
import Records

/// Finds the pairs of a data set, and all that is no pair.
struct PairSearch {
  /// Two pictures that show the same, before they are read.
  struct Pair: Equatable {
    /// The name that records call the gt by: its path below the set's folder.
    let gtID: String
    let lqID: String
    let gtPath: String
    let lqPath: String
    let className: String
  }

  private(set) var pairs: [Pair] = []
  /// The lq of all pairs: the first rule that knows a picture decides.
  private var paired: Set<String> = []
  private(set) var setAside: [Manifest.SetAside] = []

  /// Finds the pairs of a layout's split.
  ///
  /// - Throws: `Problem` when the folder cannot be read, a list is broken, or no pair is there.
  init(_ layout: PairLayout, split: Split, in folder: String) throws(Problem) {
    let files = try Files(folder)
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
    pairs.sort { $0.lqID < $1.lqID }
    dropSettled()
  }

  /// What one rule could not pair another may have: alternative forms name the same files.
  private mutating func dropSettled() {
    let paired = Set(pairs.flatMap { [$0.lqID, $0.gtID] })
    var listed: Set<String> = []
    setAside.removeAll { paired.contains($0.file) || !listed.insert($0.file).inserted }
  }

  /// Finds the pictures of two folders that have the same names, whatever their extensions.
  init(lq: String, gt: String, class className: String) throws(Problem) {
    let (lqFiles, gtFiles) = (try Files(lq), try Files(gt))
    setAside = lqFiles.doubles + gtFiles.doubles
    for stem in lqFiles.stems {
      guard let file = lqFiles[stem] else { continue }
      guard let twin = gtFiles[stem] else {
        setAside.append(.init(file: "lq/" + file, reason: "has no gt of the same name"))
        continue
      }
      pairs.append(
        Pair(
          gtID: "gt/" + twin, lqID: "lq/" + file, gtPath: gt + "/" + twin,
          lqPath: lq + "/" + file, className: className))
    }
    for stem in gtFiles.stems where lqFiles[stem] == nil {
      setAside.append(
        .init(file: "gt/" + (gtFiles[stem] ?? stem), reason: "is the gt of no picture"))
    }
    guard !pairs.isEmpty else {
      throw Problem(lq, "has no picture with a twin of the same name in \(gt)")
    }
  }

  // MARK: Rules

  private mutating func pairByPath(
    _ rule: PairLayout.Rule, _ files: Files, _ folder: String, _ seen: inout Set<String>
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
    _ rule: PairLayout.Rule, _ files: Files, _ folder: String, _ seen: inout Set<String>
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
      seen.formUnion([lq, gt].map(Files.stem))
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
        gtID: gt, lqID: lq, gtPath: folder + "/" + gt, lqPath: folder + "/" + lq,
        className: className))
  }

  /// Says how many pictures of each folder no rule of any split names.
  private mutating func countOthers(
    _ layout: PairLayout, _ files: Files, _ seen: Set<String>
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

/// The pictures of a folder by their paths without extension.
private struct Files {
  /// The paths without extension, sorted.
  let stems: [String]
  /// Pictures whose path differs from another's in the extension only.
  private(set) var doubles: [Manifest.SetAside] = []
  private var paths: [String: String] = [:]

  init(_ folder: String) throws(Problem) {
    for path in try PictureFile.list(folder) {
      let stem = Files.stem(path)
      if let other = paths[stem] {
        doubles.append(.init(file: path, reason: "has the name of \(other)"))
      } else {
        paths[stem] = path
      }
    }
    stems = paths.keys.sorted()
  }

  subscript(stem: String) -> String? { paths[stem] }

  static func stem(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }
}

private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
