import Basics
import Records

/// What a manifest's recipe says of a set that was selected from others or joined of them.
struct RepackNote {
  /// A set that records were taken from.
  struct Parent {
    let name: String
    let datasetID: String
    let recipe: JSON
  }

  let selection: RepackSelection
  let parents: [Parent]

  /// Reads the note; nil when it is not one.
  fileprivate init?(_ json: JSON) {
    guard let selection = try? RepackSelection(json, place: "recipe"), let of = json["of"]?.array
    else { return nil }
    self.selection = selection
    parents = of.compactMap { parent in
      guard let name = parent["name"]?.string, let id = parent["dataset_id"]?.string,
        let recipe = parent["recipe"]
      else { return nil }
      return Parent(name: name, datasetID: id, recipe: recipe)
    }
    guard parents.count == of.count, !parents.isEmpty else { return nil }
  }

  /// The problem that a set's parents are not given, with the command that gives them.
  func needed(for path: String) -> Problem {
    let names = parents.map { "'\($0.name)' (dataset_id \($0.datasetID))" }
    let flags = parents.map { "--from \($0.name)/\(Manifest.fileName)" }
    return Problem(
      path, "was repacked from \(names.joined(separator: ", ")), which must be given",
      fix: "dcpt-data repair \(path) \(flags.joined(separator: " "))")
  }
}

extension Manifest {
  /// The manifest of records selected from sets, or of several joined; it has no shard yet.
  init(
    repacking parents: [RecordReader], _ selection: RepackSelection, classes: [String],
    textSize: Int
  ) {
    let manifests = parents.map(\.manifest)
    var note = selection.json
    note["of"] = .array(parents.map(\.note))
    self.init(
      name: Manifest.joined(manifests.map(\.name), \.self).joined(separator: "+"),
      split: manifests[0].split, tool: Provenance.tool, recipe: ["repack": note],
      seed: Set(manifests.map(\.seed)).count == 1 ? manifests[0].seed : 0, classes: classes,
      recordTextSize: textSize, sources: Manifest.joined(manifests.flatMap(\.sources), \.id),
      setAside: Manifest.joined(manifests.flatMap(\.setAside), \.file), shards: [])
  }

  /// What its recipe says, when the set was selected from others or joined of them.
  var repack: RepackNote? { recipe["repack"].flatMap { RepackNote($0) } }

  /// The manifest without its shards.
  var holdingNothing: Manifest {
    var manifest = self
    manifest.shards = []
    return manifest
  }

  /// Whether two sets have the same records, in whatever form and shards.
  func isSameSet(as other: Manifest) -> Bool {
    func plain(_ manifest: Manifest) -> Manifest {
      manifest.holdingNothing.inForm(.raw, png: nil)
    }
    return plain(self).datasetID == plain(other).datasetID && records == other.records
  }

  /// Checks that the set's records can be made again from their labels.
  ///
  /// - Parameter path: The manifest's path, for the message.
  /// - Throws: `Problem` when it holds real pairs.
  func requireReplayable(_ path: String) throws(Problem) {
    guard recipe["repack"] != nil else { return try requireSynthesised(path) }
    guard !recipe.comesFromImport else {
      throw Problem(
        path, "holds real pairs among others, which cannot be made again from their labels",
        fix: "verify it without --deep; 'dcpt-data repair --from' takes shards from its parents")
    }
  }

  /// The different ones of a list, in their order.
  static func joined<T: Equatable>(_ all: [T], _ name: (T) -> String) -> [T] {
    var seen: [String: [T]] = [:]
    return all.filter { one in
      guard seen[name(one)]?.contains(one) != true else { return false }
      seen[name(one), default: []].append(one)
      return true
    }
  }
}

extension RecordReader {
  /// What the recipe of a set that is repacked from this one says of it.
  fileprivate var note: JSON {
    [
      "dataset_id": .string(datasetID), "name": .string(manifest.name),
      "split": .string(manifest.split), "seed": .integer(Int(truncatingIfNeeded: manifest.seed)),
      "records": .integer(count), "classes": .array(manifest.classes.map { .string($0) }),
      "tool": manifest.tool, "recipe": manifest.recipe,
    ]
  }
}

extension JSON {
  /// Whether a recipe, or one of those that it was repacked from, took real pairs.
  fileprivate var comesFromImport: Bool {
    self["import"] != nil
      || (self["repack"]?["of"]?.array ?? []).contains { $0["recipe"]?.comesFromImport == true }
  }
}
