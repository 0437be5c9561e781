import Basics

/// The list of a data set's shards, with counts, digests, recipe and provenance.
///
/// It is written last: a folder without a manifest holds no finished data set.
public struct Manifest: Sendable {
  /// A clean picture that records were cut from.
  public struct Source: Sendable, Equatable {
    /// The name that records call it by.
    public let id: String
    /// The path below the folder it came from.
    public let file: String
    /// The file's SHA-256 in hexadecimal.
    public let sha256: String
    /// Pixels from left to right.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int
    /// What reading it did to its channels.
    public let channels: SourceChannels
    /// The depth map that was given for it.
    public let depth: Depth?

    /// A depth map that was given for a clean picture.
    public struct Depth: Sendable, Equatable {
      /// The name that records call it by.
      public let id: String
      /// The file's SHA-256 in hexadecimal.
      public let sha256: String

      /// Creates an entry.
      public init(id: String, sha256: String) { (self.id, self.sha256) = (id, sha256) }
    }

    /// Creates an entry.
    public init(
      id: String, file: String, sha256: String, width: Int, height: Int,
      channels: SourceChannels = .plain, depth: Depth? = nil
    ) {
      (self.id, self.file, self.sha256) = (id, file, sha256)
      (self.width, self.height) = (width, height)
      (self.channels, self.depth) = (channels, depth)
    }
  }

  /// A clean picture that could not be used.
  public struct SetAside: Sendable, Equatable {
    /// The path below the folder it came from.
    public let file: String
    /// Why not.
    public let reason: String

    /// Creates an entry.
    public init(file: String, reason: String) { (self.file, self.reason) = (file, reason) }
  }

  static let format = "dcpt-manifest/1"
  /// The name of the file in a data set's folder.
  public static let fileName = "manifest.json"

  /// The set's name.
  public var name: String
  /// `train`, `validation` or `test`.
  public var split: String
  /// Name and version of the program that made the set, with the codec libraries it used.
  public var tool: JSON
  /// The recipe with every default filled in.
  public var recipe: JSON
  /// The seed of every draw.
  public var seed: UInt64
  /// The class names in the order of their numbers.
  public var classes: [String]
  /// Element type and channels of each array field.
  public var fields: JSON
  /// How PNG files were written; nil for sets in the raw form.
  public var png: PNGSettings?
  /// The bytes that each record's JSON member fills.
  public var recordTextSize: Int
  /// The clean pictures in use; empty for generated ones.
  public var sources: [Source]
  /// The clean pictures that could not be used.
  public var setAside: [SetAside]
  /// The shards in order.
  public var shards: [ShardEntry]
  /// Keys that this version does not know; kept as they are.
  public var unknown: [JSON.Member] = []

  /// The count of records in all shards.
  public var records: Int { shards.reduce(0) { $0 + $1.records } }

  /// Creates the manifest of a set of byte pictures in colour.
  public init(
    name: String, split: String, tool: JSON, recipe: JSON, seed: UInt64, classes: [String],
    recordTextSize: Int, sources: [Source], setAside: [SetAside], shards: [ShardEntry]
  ) {
    (self.name, self.split, self.tool, self.recipe) = (name, split, tool, recipe)
    (self.seed, self.classes, self.recordTextSize) = (seed, classes, recordTextSize)
    (self.sources, self.setAside, self.shards) = (sources, setAside, shards)
    fields = PictureForm.raw.json
  }

  /// How the pictures are stored.
  public var form: PictureForm { PictureForm(of: fields) }

  /// The manifest of the same pictures in another form, the shards aside.
  package func inForm(_ form: PictureForm, png: PNGSettings?) -> Manifest {
    var manifest = self
    if form != self.form { manifest.fields = form.json }
    manifest.png = form == .png ? png : nil
    return manifest
  }

  /// The SHA-256 of the canonical JSON without this field: the data set's identity.
  public var datasetID: String { Manifest.digest(body) }

  /// The whole document.
  public var json: JSON {
    guard case .object(var members) = body else { return .null }
    members.insert(JSON.Member("dataset_id", .string(datasetID)), at: 1)
    return .object(members)
  }

  /// Writes the file atomically.
  public func write(to path: String) throws(Problem) {
    try AtomicFile.write(json.pretty, to: path)
  }

  static func digest(_ body: JSON) -> String {
    var body = body
    body["dataset_id"] = nil
    return Digest.sha256(Array(body.canonical.utf8))
  }

  private var body: JSON {
    let known: JSON = [
      "format": .string(Manifest.format), "name": .string(name), "split": .string(split),
      "tool": tool, "recipe": recipe, "seed": .integer(Int(truncatingIfNeeded: seed)),
      "classes": .array(classes.map { .string($0) }), "fields": fields,
      "record_bytes_json": .integer(recordTextSize),
      "sources": .array(sources.map(\.json)), "set_aside": .array(setAside.map(\.json)),
      "shards": .array(shards.map(\.json)), "records": .integer(records),
    ]
    let png = png.map { [JSON.Member("png", $0.json)] } ?? []
    return .object((known.object ?? []) + png + unknown)
  }
}

extension Manifest.Source {
  var json: JSON {
    var json: JSON = [
      "id": .string(id), "file": .string(file), "sha256": .string(sha256),
      "width": .integer(width), "height": .integer(height),
    ]
    for member in channels.members { json[member.key] = member.value }
    if let depth { json["depth"] = ["id": .string(depth.id), "sha256": .string(depth.sha256)] }
    return json
  }
}

extension Manifest.SetAside {
  var json: JSON { ["file": .string(file), "reason": .string(reason)] }
}
