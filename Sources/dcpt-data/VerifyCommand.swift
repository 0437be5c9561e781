import ArgumentParser
import Basics
import Records

/// Checks a data set.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks every byte of a data set.",
    discussion: """
      Looks at the manifest's own digest, and at each shard's size, SHA-256, tar structure, labels and
      payload checksums. What is damaged is named: the shard, and the record where it lies in one.
      Exit status 0 when everything is as it was written, otherwise 1.

      Example:
        dcpt-data verify runs/5d/manifest.json
      """)

  @Argument(help: "The set's manifest.json.") var manifest: String

  func run() throws {
    let total = try Manifest.shardCount(manifest)
    let bar = ProgressLine("verify", total: total, unit: "shards")
    let check = try DataSetCheck(manifest: manifest) { bar.update($0) }
    bar.finish()
    for finding in check.findings { print(finding) }
    let size = "\(check.shards) shards, \(check.records) records, \(check.bytes / 1_000_000) MB"
    guard check.findings.isEmpty else {
      throw Problem(
        manifest, "\(check.findings.count) findings in \(size)",
        fix:
          "restore the files named above; or remove them and make them again with the same synth "
          + "command")
    }
    print("\(manifest): intact: \(size)")
  }
}
