import Basics
import Records

extension PairSearch {
  /// Finds the pairs in tars: each record that has both fields and a class.
  ///
  /// - Parameter classes: The names of class numbers; nil when there are none.
  /// - Throws: `Problem` for a damaged tar, with the place, and when no record is a pair.
  init(_ list: TarList, _ fields: TarFields, classes: [String]?, workers: Int) throws(Problem) {
    let tars = Locked<[Int: TarPairs]>([:])
    let isComplete = try Workers.run(list.paths.count, workers: workers) { i throws(Problem) in
      let found = try TarPairs(list.paths[i], list.names[i], fields, classes)
      tars.withLock { $0[i] = found }
      return StopSignal.number == nil
    }
    guard isComplete else { throw Problem("import", "was stopped before anything was written") }
    let found = tars.withLock { tars in list.paths.indices.compactMap { tars[$0] } }
    self.init(pairs: found.flatMap(\.pairs), setAside: found.flatMap(\.setAside))
    guard !pairs.isEmpty else {
      throw Problem(
        list.paths.first ?? "--tars", "and the others have no record that is a pair",
        fix: setAside.first.map { "the first: \($0.file) \($0.reason)" } ?? "they have no records")
    }
  }
}

/// The pairs of one tar, in the order of its records.
private struct TarPairs {
  private(set) var pairs: [PairSearch.Pair] = []
  private(set) var setAside: [Manifest.SetAside] = []

  private let path: String
  private let name: String
  private let fields: TarFields
  private let classes: [String]?

  init(_ path: String, _ name: String, _ fields: TarFields, _ classes: [String]?) throws(Problem) {
    (self.path, self.name, self.fields, self.classes) = (path, name, fields, classes)
    let file = try MappedFile(path)
    guard !file.bytes.starts(with: [0x1F, 0x8B]) else {
      throw Problem(
        path, "is compressed: its records cannot be read by their places", fix: "gunzip it first")
    }
    let index = ShardIndex(scanning: file.bytes)
    if let damage = index.damage {
      throw Problem(path, damage.sentence, fix: "fetch the tar again, or leave it out")
    }
    for record in index.records { try add(record, file.bytes) }
  }

  private mutating func add(_ record: ShardIndex.Entry, _ bytes: UnsafeRawBufferPointer)
    throws(Problem)
  {
    let id = name + "/" + record.key
    guard let lq = fields.lq.lazy.compactMap({ record[$0] }).first,
      let gt = fields.gt.lazy.compactMap({ record[$0] }).first
    else {
      let lost = fields.lq.contains { record[$0] != nil } ? fields.gt : fields.lq
      let has = record.fields.joined(separator: ", ")
      setAside.append(
        .init(file: id, reason: "has no field \(lost.joined(separator: " or ")); it has \(has)"))
      return
    }
    switch try className(record, id, bytes) {
    case .success(let className):
      pairs.append(
        PairSearch.Pair(
          gt: picture(gt), lq: picture(lq), className: className,
          note: record["json"].map(picture)))
    case .failure(let doubt): setAside.append(.init(file: id, reason: doubt.reason))
    }
  }

  private func picture(_ member: TarMember) -> FoundPicture {
    FoundPicture(
      id: name + "/" + member.name, path: path,
      name: "member '\(member.name)' at byte \(member.dataOffset)",
      part: member.dataOffset..<member.dataOffset + member.size)
  }

  // MARK: Classes

  private struct Doubt: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private func className(
    _ record: ShardIndex.Entry, _ id: String, _ bytes: UnsafeRawBufferPointer
  ) throws(Problem) -> Result<String, Doubt> {
    let (field, keys): (String, [String])
    switch fields.classRule {
    case .name(let name): return .success(name)
    case .field(let name, let path): (field, keys) = (name, path)
    }
    guard let member = record[field] else {
      return .failure(
        Doubt("has no field \(field); it has \(record.fields.joined(separator: ", "))"))
    }
    let data = bytes[member.dataOffset..<member.dataOffset + member.size]
    guard !keys.isEmpty else {
      let text = String(decoding: data.prefix(200), as: UTF8.self)
      return try className(String(text.trimmed), field, id)
    }
    guard let json = try? JSON(parsing: data, place: id) else {
      return .failure(Doubt("has a \(field) that is no JSON"))
    }
    let value = keys.reduce(Optional(json)) { $0?[$1] }
    guard let text = value?.string ?? value?.integer.map(String.init) else {
      let key = keys.joined(separator: ".")
      return .failure(Doubt("has no text or whole number under '\(key)' of its \(field)"))
    }
    return try className(text, field + ":" + keys.joined(separator: "."), id)
  }

  /// The class that a name or a number means.
  private func className(_ text: String, _ field: String, _ id: String) throws(Problem)
    -> Result<String, Doubt>
  {
    guard let number = Int(text) else {
      // Checked first: what is printed must be fit to print.
      guard ImportClasses.isName(text) else {
        return .failure(Doubt("has a class that is no name (\(field))"))
      }
      guard classes?.contains(text) != false else {
        return .failure(Doubt("has the class '\(text)', which --classes does not name"))
      }
      return .success(text)
    }
    guard let classes else {
      throw Problem(
        id, "its class is the number \(number) (\(field))",
        fix: "say what numbers mean: --classes 5d, or names from 0 on: --classes haze,snow,rain")
    }
    guard classes.indices.contains(number) else {
      return .failure(Doubt("has class number \(number), --classes has \(classes.count)"))
    }
    return .success(classes[number])
  }
}
