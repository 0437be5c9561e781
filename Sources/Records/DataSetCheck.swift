import Basics
import Glibc
import Synchronization

/// Checks a whole data set: its manifest, every shard, and its list of digests.
public struct DataSetCheck: Sendable {
  /// What was found, in the order of the files; empty for an intact set.
  public private(set) var findings: [ShardCheck.Finding] = []
  /// The shards that were looked at.
  public let shards: Int
  /// The records in those shards.
  public let records: Int
  /// The bytes in those shards.
  public let bytes: Int
  /// The identity that the manifest states.
  public let datasetID: String

  /// Looks at everything that belongs to a manifest, a shard on each of `workers` threads.
  ///
  /// - Parameter progress: Called from any thread with the bytes that are done, and their number.
  /// - Throws: `Problem` when the manifest itself cannot be read.
  public init(
    manifest path: String, level: CheckLevel = .records, workers: Int = 1,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(Problem) {
    let folder = Manifest.folder(of: path)
    let json = try DataSetCheck.document(path, folder)
    let manifest = try Manifest(json, place: path)
    (shards, records) = (manifest.shards.count, manifest.records)
    bytes = manifest.shards.reduce(0) { $0 + $1.bytes }
    datasetID = json["dataset_id"]?.string ?? "none"
    checkIdentity(json, path)
    try checkShards(manifest, folder, level, workers, progress)
    checkStrays(manifest, folder)
    checkSums(manifest, folder, level)
  }

  /// Reads the manifest; when it cannot be read, the list of digests tells whether it was changed.
  private static func document(_ path: String, _ folder: String) throws(Problem) -> JSON {
    do throws(Problem) {
      return try Manifest.document(path)
    } catch {
      guard let stated = DataSetSums.digest(of: Manifest.fileName, in: folder),
        let found = try? Digest.file(path).sha256, found != stated
      else { throw error }
      throw Problem(
        error.place, error.what,
        fix: "\(DataSetSums.fileName) says that it was changed: restore it, or run the same synth "
          + "command again")
    }
  }

  private mutating func checkShards(
    _ manifest: Manifest, _ folder: String, _ level: CheckLevel, _ workers: Int,
    _ progress: @escaping @Sendable (Int, Int) -> Void
  ) throws(Problem) {
    let found = Locked<[Int: [ShardCheck.Finding]]>([:])
    let done = Atomic(0)
    let (entries, total) = (manifest.shards, bytes)
    try Workers.run(entries.count, workers: workers) { i throws(Problem) in
      let check = ShardCheck(entries[i], of: manifest, in: folder, level: level) { n in
        progress(done.add(n, ordering: .relaxed).newValue, total)
      }
      if !check.findings.isEmpty { found.withLock { $0[i] = check.findings } }
      return true
    }
    findings += found.withLock { $0 }.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  private mutating func checkIdentity(_ json: JSON, _ path: String) {
    let stated = json["dataset_id"]?.string ?? "none"
    let found = Manifest.digest(json)
    if stated != found {
      report(path, "its dataset_id is \(stated), its content gives \(found)")
    }
  }

  /// Programs that read every `shard-*.tar` of a folder would take a shard that is not listed.
  private mutating func checkStrays(_ manifest: Manifest, _ folder: String) {
    let listed = Set(manifest.shards.map(\.file))
    for name in fileNames(in: folder)
    where name.hasPrefix("shard-") && name.hasSuffix(".tar") && !listed.contains(name) {
      report(folder + "/" + name, "is not in the manifest")
    }
  }

  /// Compares the list of digests, line by line.
  ///
  /// What it says of shards is compared with the manifest, as the shards were. A quick look reads no
  /// other file but the manifest.
  private mutating func checkSums(_ manifest: Manifest, _ folder: String, _ level: CheckLevel) {
    let path = folder + "/" + DataSetSums.fileName
    guard access(path, F_OK) == 0 else {
      report(path, "is missing")
      return
    }
    guard let content = try? readFile(path), let text = String(validating: content, as: UTF8.self)
    else {
      report(path, "cannot be read as text")
      return
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.popLast() != "" { report(path, "its last line is not ended") }
    let shards = Dictionary(manifest.shards.map { ($0.file, $0.sha256) }) { first, _ in first }
    var listed: Set<String> = []
    for line in lines {
      let name = String(line.dropFirst(66))
      listed.insert(name)
      let isPlain = line.dropFirst(64).hasPrefix("  ") && !name.isEmpty && !name.contains("/")
      if isPlain, let stated = shards[name] {
        if line.prefix(64) != stated {
          report(path, "says SHA-256 \(line.prefix(64)) of \(name), the manifest says \(stated)")
        }
      } else if isPlain, access(folder + "/" + name, F_OK) == 0 {
        guard level != .quick || name == Manifest.fileName else { continue }
        checkFile(folder + "/" + name, line.prefix(64))
      } else {
        report(path, "the line '\(line)' names no file of the set")
      }
    }
    for name in shards.keys.sorted() + [Manifest.fileName] where !listed.contains(name) {
      report(path, "has no line for \(name)")
    }
  }

  private mutating func checkFile(_ path: String, _ stated: Substring) {
    do throws(Problem) {
      let found = try Digest.file(path).sha256
      guard found != stated else { return }
      report(path, "has SHA-256 \(found), \(DataSetSums.fileName) says \(stated)")
    } catch {
      report(path, error.what)
    }
  }

  private mutating func report(_ path: String, _ what: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    findings.append(ShardCheck.Finding(file: name, record: nil, what: what))
  }
}

/// The names in a folder, sorted; none when it cannot be read.
package func fileNames(in folder: String) -> [String] {
  guard let handle = opendir(folder) else { return [] }
  defer { closedir(handle) }
  var names: [String] = []
  while let item = readdir(handle) {
    let name = withUnsafePointer(to: &item.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}
