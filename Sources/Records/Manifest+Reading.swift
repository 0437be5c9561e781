import Basics

extension Manifest {
  /// Reads a manifest and checks that it is the one that was written.
  ///
  /// - Throws: `Problem` naming the file and the key at fault, or the `dataset_id` that does not fit.
  public init(reading path: String) throws(Problem) {
    self = try Manifest.identified(path).manifest
  }

  /// Reads a manifest together with its identity, which costs as much to compute again.
  static func identified(_ path: String) throws(Problem) -> (manifest: Manifest, datasetID: String)
  {
    let json = try Manifest.document(path)
    let manifest = try Manifest(json, place: path)
    let stated = json["dataset_id"]?.string ?? "none"
    let found = Manifest.digest(json)
    guard stated == found else {
      throw Problem(
        path, "its dataset_id is \(stated), its content gives \(found)",
        fix: "the manifest was changed or damaged: restore it or make the set again")
    }
    return (manifest, found)
  }

  /// Reads the file as JSON.
  static func document(_ path: String) throws(Problem) -> JSON {
    let json = try JSON(parsing: try readFile(path), place: path)
    try requireFormat(json, format, path)
    return json
  }

  /// Reads the keys of a document.
  init(_ json: JSON, place: String) throws(Problem) {
    let reader = KeyReader(json: json, place: place)
    name = try reader.string("name")
    split = try reader.string("split")
    tool = try reader.value("tool")
    recipe = try reader.value("recipe")
    seed = UInt64(bitPattern: Int64(try reader.integer("seed")))
    classes = []
    for (i, value) in try reader.array("classes").enumerated() {
      guard let name = value.string else { throw Problem(place, "classes[\(i)] is not a text") }
      classes.append(name)
    }
    fields = try reader.value("fields")
    png = try json["png"].map { value throws(Problem) in
      try PNGSettings(KeyReader(json: value, place: "\(place): png"))
    }
    recordTextSize = try reader.integer("record_bytes_json")
    sources = []
    for (i, value) in try reader.array("sources").enumerated() {
      sources.append(try Source(KeyReader(json: value, place: "\(place): sources[\(i)]")))
    }
    setAside = []
    for (i, value) in try reader.array("set_aside").enumerated() {
      let entry = KeyReader(json: value, place: "\(place): set_aside[\(i)]")
      setAside.append(
        SetAside(file: try entry.string("file"), reason: try entry.string("reason")))
    }
    shards = []
    for (i, value) in try reader.array("shards").enumerated() {
      let entry = try ShardEntry(KeyReader(json: value, place: "\(place): shards[\(i)]"))
      let due = (shards.last?.first ?? 0) + (shards.last?.records ?? 0)
      guard entry.first == due else {
        throw Problem(
          place, "shard '\(entry.file)' begins with record \(entry.first), \(due) is due")
      }
      shards.append(entry)
    }
    // Sums of hostile numbers must not overflow: everything below adds them up.
    guard shards.reduce(into: 0, { $0 += $1.bytes >> 20 }) < 1 << 40 else {
      throw Problem(place, "its shards are larger than any disk")
    }
    let known = [
      "format", "dataset_id", "name", "split", "tool", "recipe", "seed", "classes", "fields",
      "record_bytes_json", "sources", "set_aside", "shards", "records", "png",
    ]
    unknown = (json.object ?? []).filter { !known.contains($0.key) }
    let stated = try reader.integer("records")
    guard stated == records else {
      throw Problem(place, "it states \(stated) records, its shards have \(records)")
    }
  }
}

extension Manifest.Source {
  fileprivate init(_ reader: KeyReader) throws(Problem) {
    let depth = try reader.json["depth"].map { json throws(Problem) in
      let reader = KeyReader(json: json, place: reader.place + ".depth")
      return Depth(id: try reader.string("id"), sha256: try reader.string("sha256"))
    }
    self.init(
      id: try reader.string("id"), file: try reader.string("file"),
      sha256: try reader.string("sha256"), width: try reader.integer("width"),
      height: try reader.integer("height"), channels: SourceChannels(reader.json), depth: depth)
  }
}

/// Takes typed values out of an object; a missing or misshapen one is named.
struct KeyReader {
  let json: JSON
  let place: String

  func string(_ key: String) throws(Problem) -> String { try need(key, json[key]?.string) }
  func integer(_ key: String) throws(Problem) -> Int { try need(key, json[key]?.integer) }
  func array(_ key: String) throws(Problem) -> [JSON] { try need(key, json[key]?.array) }
  func object(_ key: String) throws(Problem) -> [JSON.Member] {
    try need(key, json[key]?.object)
  }
  func value(_ key: String) throws(Problem) -> JSON { try need(key, json[key]) }

  private func need<T>(_ key: String, _ value: T?) throws(Problem) -> T {
    guard let value else { throw Problem(place, "key '\(key)' is missing or of the wrong kind") }
    return value
  }
}
