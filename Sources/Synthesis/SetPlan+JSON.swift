import Basics
import Glibc
import Records

extension SetPlan {
  static let format = "dcpt-plan/1"

  /// The whole document; `plan_id` is the SHA-256 of the canonical JSON of the rest.
  var json: JSON {
    var json: JSON = [
      "format": .string(SetPlan.format), "plan_id": .null, "split": .string(split), "tool": tool,
      "recipe": recipe, "classes": .array(classes.map { .string($0) }),
      "records": .integer(records), "records_per_shard": .integer(recordsPerShard),
      "shards": .integer(shards), "sources": .array(sources.map(\.json)),
      "set_aside": .array(
        setAside.map { ["file": .string($0.file), "reason": .string($0.reason)] }),
    ]
    json["plan_id"] = .string(SetPlan.digest(json))
    return json
  }

  private static func digest(_ json: JSON) -> String {
    var body = json
    body["plan_id"] = nil
    return Digest.sha256(Array(body.canonical.utf8))
  }

  /// Reads the plan of a folder; nil when it has none.
  ///
  /// - Throws: `Problem` when it cannot be read, or is not as it was written.
  public init?(in folder: String) throws(Problem) {
    let path = folder + "/" + SetPlan.fileName
    guard access(path, F_OK) == 0 else { return nil }
    let json = try JSON(parsing: try readFile(path), place: path)
    guard json["format"]?.string == SetPlan.format else {
      throw Problem(
        path, "is no \(SetPlan.format)", fix: "it belongs to another version: make it with --plan")
    }
    let (stated, found) = (json["plan_id"]?.string ?? "none", SetPlan.digest(json))
    guard stated == found else {
      throw Problem(
        path, "its plan_id is \(stated), its content gives \(found)",
        fix: "it was changed or damaged: copy it again, or remove it and make it with --plan")
    }
    guard let plan = SetPlan(json) else {
      throw Problem(path, "a key is missing or of the wrong kind", fix: "make it with --plan")
    }
    self = plan
  }

  private init?(_ json: JSON) {
    guard let split = json["split"]?.string, let tool = json["tool"], let recipe = json["recipe"],
      let classes = json["classes"]?.array?.compactMap(\.string),
      let records = json["records"]?.integer, (0...999_999_999).contains(records),
      let perShard = json["records_per_shard"]?.integer, (1...100_000).contains(perShard),
      let sources = json["sources"]?.array, let setAside = json["set_aside"]?.array
    else { return nil }
    (self.split, self.tool, self.recipe, self.classes) = (split, tool, recipe, classes)
    (self.records, recordsPerShard) = (records, perShard)
    self.sources = sources.compactMap { Source($0) }
    self.setAside = setAside.compactMap { entry in
      guard let file = entry["file"]?.string, let reason = entry["reason"]?.string else {
        return nil
      }
      return Manifest.SetAside(file: file, reason: reason)
    }
    guard self.sources.count == sources.count, self.setAside.count == setAside.count else {
      return nil
    }
  }
}

extension SetPlan.Source {
  var json: JSON {
    var json: JSON = [
      "id": .string(entry.id), "folder": .integer(folder), "file": .string(entry.file),
      "sha256": .string(entry.sha256), "width": .integer(entry.width),
      "height": .integer(entry.height), "depth_bits": .integer(depthBits), "jpeg": .bool(isJPEG),
    ]
    for member in entry.channels.members { json[member.key] = member.value }
    if let depth = entry.depth, let depthFile {
      json["depth"] = [
        "id": .string(depth.id), "file": .string(depthFile), "sha256": .string(depth.sha256),
      ]
    }
    return json
  }

  /// Reads an entry; nil when a key is missing or of the wrong kind.
  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let folder = json["folder"]?.integer, folder >= 0,
      let file = json["file"]?.string, isBelow(file), let sha256 = json["sha256"]?.string,
      let width = json["width"]?.integer, let height = json["height"]?.integer, width > 0,
      height > 0, let depthBits = json["depth_bits"]?.integer, let isJPEG = json["jpeg"]?.bool
    else { return nil }
    var depth: Manifest.Source.Depth?
    if let map = json["depth"] {
      guard let id = map["id"]?.string, let sha256 = map["sha256"]?.string,
        let file = map["file"]?.string, isBelow(file)
      else { return nil }
      depth = Manifest.Source.Depth(id: id, sha256: sha256)
    }
    entry = Manifest.Source(
      id: id, file: file, sha256: sha256, width: width, height: height,
      channels: SourceChannels(
        droppedAlpha: json["alpha"] == "dropped", replicatedGray: json["gray"] == "replicated"),
      depth: depth)
    (self.folder, self.depthBits, self.isJPEG) = (folder, depthBits, isJPEG)
    depthFile = json["depth"]?["file"]?.string
  }
}

/// Whether a path stays below the folder that it is taken from.
private func isBelow(_ path: String) -> Bool {
  !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
}
