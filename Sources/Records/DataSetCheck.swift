import Basics
import Glibc

/// Checks a whole data set: its manifest, every shard, and its list of digests.
public struct DataSetCheck: Sendable {
  /// What was found, in the order of the files; empty for an intact set.
  public private(set) var findings: [ShardCheck.Finding] = []
  /// The shards and records that were looked at.
  public private(set) var shards = 0
  /// The records in those shards.
  public private(set) var records = 0
  /// The bytes in those shards.
  public private(set) var bytes = 0

  /// Reads everything that belongs to a manifest.
  ///
  /// - Parameter progress: Called with the count of shards that are done.
  /// - Throws: `Problem` when the manifest itself cannot be read.
  public init(manifest path: String, progress: (Int) -> Void = { _ in }) throws(Problem) {
    let folder = Manifest.folder(of: path)
    let json = try Manifest.document(path)
    let manifest = try Manifest(json, place: path)
    checkIdentity(json, path)
    checkOrder(manifest, path)
    var sums: [String: String] = [:]
    for entry in manifest.shards {
      let check = ShardCheck(entry, of: manifest, in: folder)
      findings += check.findings
      sums[entry.file] = check.sha256
      shards += 1
      records += entry.records
      bytes += entry.bytes
      progress(shards)
    }
    checkStrays(manifest, folder)
    checkSums(sums, folder, path)
  }

  private mutating func checkIdentity(_ json: JSON, _ path: String) {
    let stated = json["dataset_id"]?.string ?? "none"
    let found = Manifest.digest(json)
    if stated != found {
      report(path, "its dataset_id is \(stated), its content gives \(found)")
    }
  }

  private mutating func checkOrder(_ manifest: Manifest, _ path: String) {
    var next = 0
    for entry in manifest.shards {
      if entry.first != next {
        report(path, "shard '\(entry.file)' begins with record \(entry.first), \(next) is due")
      }
      next = entry.first + entry.records
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

  /// Compares the list of digests with the files, line by line.
  private mutating func checkSums(_ known: [String: String], _ folder: String, _ manifest: String) {
    let path = folder + "/" + DataSetSums.fileName
    guard access(path, F_OK) == 0 else { return }
    guard let content = try? readFile(path), let text = String(validating: content, as: UTF8.self)
    else {
      report(path, "cannot be read as text")
      return
    }
    var listed = text.split(separator: "\n", omittingEmptySubsequences: false)
    if listed.popLast() != "" { report(path, "its last line is not ended") }
    for line in listed {
      let name = String(line.dropFirst(66))
      let isPlain = line.dropFirst(64).hasPrefix("  ") && !name.isEmpty && !name.contains("/")
      let digest = isPlain ? known[name] ?? DataSetCheck.digest(folder + "/" + name) : nil
      guard let digest else {
        report(path, "the line '\(line)' names no file of the set")
        continue
      }
      if line.prefix(64) != digest {
        report(
          folder + "/" + name, "has SHA-256 \(digest), \(DataSetSums.fileName) says otherwise")
      }
    }
    for name in known.keys.sorted() where !text.contains("  \(name)\n") {
      report(path, "has no line for \(name)")
    }
  }

  private static func digest(_ path: String) -> String? {
    (try? readFile(path)).map { Digest.sha256($0) }
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
